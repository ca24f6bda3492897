using System.CommandLine;
using System.Text;
using MqttScion.Mqtt;

namespace MqttScion.Cli;

/// <summary>The options about the MQTT session: who the user is, what the server keeps, and the will.</summary>
internal sealed class SessionOptions
{
    // MQTT 5 §3.1.3.6: a password has a length of two bytes.
    private const int MaxPasswordBytes = ushort.MaxValue;

    private static readonly TimeSpan Longest = TimeSpan.FromDays(365);

    private readonly Option<string?> _userName = new("--username")
    {
        Description = "MQTT user name.",
        HelpName = "name",
    };

    private readonly Option<string?> _passwordFile = new("--password-file")
    {
        Description = "File with the MQTT password; a line break at its end does not count.",
        HelpName = "file",
    };

    private readonly Option<TimeSpan?> _keepAlive = DurationOption.Create(
        "--keep-alive",
        "How long the connection may be silent before the server is asked for a sign of life.",
        TimeSpan.FromSeconds(1),
        TimeSpan.FromSeconds(ushort.MaxValue));

    private readonly Option<TimeSpan?> _session = DurationOption.Create(
        "--session",
        "Continue the session that the server has for --client-id, and have it kept for so long after this command: "
            + "what is published meanwhile comes with the next one.",
        TimeSpan.FromSeconds(1),
        Longest);

    private readonly Option<string?> _willTopic = new("--will-topic")
    {
        Description = "Topic of the message that the server publishes when this client is gone without a goodbye.",
        HelpName = "topic",
    };

    private readonly Option<string?> _willPayload = new("--will-payload")
    {
        Description = "Payload of that message. Default: none.",
        HelpName = "text",
    };

    private readonly Option<int> _willQos = QosOption.Create("--will-qos", "Quality of service of that message", 0);

    private readonly Option<bool> _willRetain = new("--will-retain")
    {
        Description = "Ask the server to keep that message for later subscribers.",
    };

    private readonly Option<TimeSpan?> _willDelay = DurationOption.Create(
        "--will-delay",
        "How long the server waits before it publishes that message: a client that is back in time has none.",
        TimeSpan.Zero,
        Longest);

    /// <summary>Makes the options, with the checks that need nothing but their text.</summary>
    public SessionOptions() => _willTopic.CheckTopic();

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="clientId">The option that a session needs.</param>
    public void AddTo(Command command, Option<string?> clientId)
    {
        foreach (var option in new Option[]
        {
            _userName, _passwordFile, _keepAlive, _session,
            _willTopic, _willPayload, _willQos, _willRetain, _willDelay,
        })
        {
            command.Options.Add(option);
        }
        command.Validators.Add(result =>
        {
            if (result.GetResult(_session) is not null && result.GetValue(clientId) is null)
                result.AddError("--session: needs --client-id, by which the server knows the session.");
            foreach (var option in new Option[] { _willPayload, _willQos, _willRetain, _willDelay })
            {
                if (result.GetResult(option) is { Implicit: false } && result.GetResult(_willTopic) is null)
                    result.AddError($"{option.Name}: needs --will-topic.");
            }
        });
    }

    /// <summary>Fills the options of a client.</summary>
    /// <exception cref="CommandException">The password file is too large.</exception>
    public void ApplyTo(ScionMqttClientOptions options, ParseResult parse)
    {
        options.UserName = parse.GetValue(_userName);
        if (parse.GetValue(_passwordFile) is { } file)
            options.Password = ReadPassword(file);
        if (parse.GetValue(_keepAlive) is { } keepAlive)
            options.KeepAlivePeriod = keepAlive;
        if (parse.GetValue(_session) is { } expiry)
            (options.CleanStart, options.SessionExpiryInterval) = (false, expiry);
        if (parse.GetValue(_willTopic) is not { } topic)
            return;
        options.Will = new MqttApplicationMessage
        {
            Topic = topic,
            Payload = Encoding.UTF8.GetBytes(parse.GetValue(_willPayload) ?? ""),
            QualityOfServiceLevel = (MqttQualityOfServiceLevel)parse.GetValue(_willQos),
            Retain = parse.GetValue(_willRetain),
        };
        options.WillDelayInterval = parse.GetValue(_willDelay) ?? TimeSpan.Zero;
    }

    private static string ReadPassword(string file)
    {
        using var stream = File.OpenRead(file);
        using var reader = new StreamReader(stream);
        var text = new char[MaxPasswordBytes + 2];
        var count = reader.ReadBlock(text);
        var password = new string(text, 0, count).TrimEnd('\r', '\n');
        return Encoding.UTF8.GetByteCount(password) <= MaxPasswordBytes && reader.Peek() < 0
            ? password
            : throw new CommandException($"--password-file: '{file}' holds more than {MaxPasswordBytes} bytes.");
    }
}
