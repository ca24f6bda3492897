namespace MqttScion.Cli;

/// <summary>Command lines as of <c>mosquitto_pub</c> and <c>mosquitto_sub</c>, where <c>-h</c> is the host.</summary>
internal static class MosquittoHabits
{
    private static readonly string[] Options =
        ["-h", "-p", "-t", "-m", "-q", "-u", "-P", "-i", "-V", "-r", "-f", "-l", "-n", "-d", "-c", "-C", "-W", "-L"];

    /// <summary>What to type instead; null for command lines that are none of those.</summary>
    public static string? FindAdvice(IReadOnlyList<string> args)
    {
        if (args is not [("pub" or "sub") and var command, var first, ..] || !Options.Contains(first))
            return null;
        var host = ValueOf(args, "-h");
        var topic = ValueOf(args, "-t");
        if (host is null && topic is null)
            return null;
        var remote = $"mqtt-quic://{host ?? "HOST"}";
        var words = command == "pub"
            ? $"{Quote(topic ?? "TOPIC")} {Quote(ValueOf(args, "-m") ?? "PAYLOAD")}"
            : Quote(topic ?? "TOPIC");
        return $"{command}: expected REMOTE, TOPIC{(command == "pub" ? " and PAYLOAD" : "")} without options, found "
            + $"{first}. On plain IP: mqtt-scion {command} {remote} {words}. On SCION, REMOTE is the proxy, such as "
            + "'[2-ff00:0:211,127.0.0.1]:4433'.";
    }

    private static string? ValueOf(IReadOnlyList<string> args, string option)
    {
        for (var i = 1; i < args.Count - 1; i++)
        {
            if (args[i] == option && !args[i + 1].StartsWith('-'))
                return args[i + 1];
        }
        return null;
    }

    private static string Quote(string word) =>
        word.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '_' or '-') ? word : $"'{word}'";
}
