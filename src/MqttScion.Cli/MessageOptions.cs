using System.CommandLine;
using MqttScion.Mqtt;

namespace MqttScion.Cli;

/// <summary>The options about a message that <c>pub</c> and <c>request</c> share.</summary>
internal sealed class MessageOptions
{
    private readonly Option<int> _qos = QosOption.Create();

    private readonly Option<TimeSpan?> _expiry = DurationOption.Create(
        "--expiry",
        "Lifetime of the message, in whole seconds: nobody gets it later.",
        TimeSpan.FromSeconds(1),
        TimeSpan.FromDays(365));

    private readonly Option<string?> _contentType = new("--content-type")
    {
        Description = "What the payload is, such as application/json.",
        HelpName = "type",
    };

    private readonly Option<string[]> _properties = new("--property")
    {
        Description = "A user property of the message; may be given several times.",
        HelpName = "name=value",
    };

    public MessageOptions() => _properties.Validators.Add(result =>
    {
        foreach (var token in result.Tokens)
        {
            if (!token.Value.Contains('=', StringComparison.Ordinal))
                result.AddError($"--property: expected name=value, found '{token.Value}'.");
        }
    });

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _qos, _expiry, _contentType, _properties })
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Makes the message.</summary>
    public MqttApplicationMessage Create(
        ParseResult parse, string topic, byte[] payload, bool retain = false, string? responseTopic = null) => new()
        {
            Topic = topic,
            Payload = payload,
            QualityOfServiceLevel = (MqttQualityOfServiceLevel)parse.GetValue(_qos),
            Retain = retain,
            ResponseTopic = responseTopic,
            ContentType = parse.GetValue(_contentType),
            MessageExpiryInterval = parse.GetValue(_expiry) is { } expiry ? (uint)expiry.TotalSeconds : null,
            UserProperties = [.. (parse.GetValue(_properties) ?? []).Select(Property)],
        };

    /// <summary>Tells what is wrong with a message as a command line describes it, before anything is sent; gives the
    /// exit code then, and null when nothing is.</summary>
    public static async Task<int?> FindFaultAsync(ParseResult parse, MqttApplicationMessage message)
    {
        if (MqttPublishRules.FindFault(message, server: null) is not { } fault)
            return null;
        await MqttScionCommand.Program.TellAsync(
            parse.InvocationConfiguration.Error, fault.ReasonString ?? $"{fault.ReasonCode}").ConfigureAwait(false);
        return ExitCode.Usage;
    }

    private static MqttUserProperty Property(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        return new MqttUserProperty(text[..equals], text[(equals + 1)..]);
    }
}
