using System.Globalization;
using System.Text;

namespace MqttScion.QuicPerf;

/// <summary>Results for people, in Markdown.</summary>
internal static class CompareTable
{
    /// <summary>The table of a scenario.</summary>
    public static string Format(CompareResult result)
    {
        var scenario = result.Scenario;
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{scenario.Name}: {scenario.Bytes >> 20} MiB on one stream, ");
        text.AppendLine(scenario.HasRelay
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{scenario.LossPercent} % loss and {scenario.DelayMs} ms of delay each way, {scenario.Rounds} rounds")
            : string.Create(CultureInfo.InvariantCulture, $"loopback, {scenario.Rounds} rounds"));
        text.AppendLine();
        text.AppendLine(
            "| | MB/s, median (least – most) | ours is × as fast | CPU s, server + client | CPU ms/MB | × ours |");
        text.AppendLine("|---|---:|---:|---:|---:|---:|");
        foreach (var item in result.Contenders)
        {
            text.AppendLine(CultureInfo.InvariantCulture,
                $"| {item.Name} | {item.Median:F2} ({item.Least:F2} – {item.Most:F2}) | {item.OursToThis:F2} | "
                + $"{item.ServerCpuSeconds:F2} + {item.ClientCpuSeconds:F2} | {item.CpuMsPerMb:F2} | "
                + $"{item.CpuToOurs:F2} |");
        }
        return text.ToString().TrimEnd();
    }

    /// <summary>What is to be known to read the tables.</summary>
    public static string Legend(IEnumerable<Contender> contenders)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture,
            $"""
            Server and client are a process each. Time and CPU count from the first byte of the file that the client
            writes, in memory, to its last; SHA-256 is checked behind that, for all alike. MB are 10^6 bytes. Windows:
            {Contender.WindowBytes >> 20} MiB a connection, {Contender.StreamWindowBytes >> 20} MiB a stream.
            UDP payload: {Contender.DatagramBytes} B at most.
            AES-128-GCM, certificates on both sides (ECDSA P-256). A shorter round that is not counted goes before.
            """);
        foreach (var contender in contenders)
            text.AppendLine(CultureInfo.InvariantCulture, $"- {contender.Name}: {contender.Description}.");
        return text.ToString().TrimEnd();
    }
}
