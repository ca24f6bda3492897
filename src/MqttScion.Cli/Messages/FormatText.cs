using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using MqttScion.Mqtt;

namespace MqttScion.Cli;

/// <summary>The text of <c>--format</c>: what stands for the parts of a message, as in <c>mosquitto_sub -F</c>.
/// </summary>
internal static class FormatText
{
    private const string Letters = "%t %p %x %l %q %r %C %R %D %E %P %I %U %j %%";

    private delegate string Part(MqttApplicationMessage message, DateTimeOffset at);

    /// <summary>Reads it.</summary>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out MessageFormat? format, [NotNullWhen(false)] out string? problem)
    {
        (format, problem) = (null, null);
        var parts = new List<Part>();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is not ('%' or '\\'))
            {
                var literal = text[i].ToString();
                parts.Add((_, _) => literal);
                continue;
            }
            var two = text[i..Math.Min(i + 2, text.Length)];
            if (Find(two) is not { } part)
            {
                problem = $"expected one of {Letters} \\n \\t \\\\, found '{two}'";
                return false;
            }
            parts.Add(part);
            i++;
        }
        format = MessageFormat.Of((message, at) => string.Concat(parts.Select(part => part(message, at))));
        return true;
    }

    private static Part? Find(string letters) => letters switch
    {
        "%t" => (message, _) => TerminalText.Escape(message.Topic),
        "%p" => (message, _) => TerminalText.OfPayload(message.Payload.Span),
        "%x" => (message, _) => Convert.ToHexStringLower(message.Payload.Span),
        "%l" => (message, _) => message.Payload.Length.ToString(CultureInfo.InvariantCulture),
        "%q" => (message, _) => ((int)message.QualityOfServiceLevel).ToString(CultureInfo.InvariantCulture),
        "%r" => (message, _) => message.Retain ? "1" : "0",
        "%C" => (message, _) => TerminalText.Escape(message.ContentType ?? ""),
        "%R" => (message, _) => TerminalText.Escape(message.ResponseTopic ?? ""),
        "%D" => (message, _) => Convert.ToHexStringLower(message.CorrelationData ?? []),
        "%E" => (message, _) => message.MessageExpiryInterval?.ToString(CultureInfo.InvariantCulture) ?? "",
        "%P" => (message, _) => TerminalText.Escape(PropertiesOf(message)),
        "%I" => (_, at) => MessageJson.TimeOf(at),
        "%U" => (_, at) => (at.ToUnixTimeMilliseconds() / 1000m).ToString("0.000", CultureInfo.InvariantCulture),
        "%j" => MessageJson.Of,
        "%%" => (_, _) => "%",
        "\\n" => (_, _) => "\n",
        "\\t" => (_, _) => "\t",
        "\\\\" => (_, _) => "\\",
        _ => null,
    };

    private static string PropertiesOf(MqttApplicationMessage message)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in message.UserProperties)
            text.Append(text.Length > 0 ? " " : "").Append(name).Append(':').Append(value);
        return text.ToString();
    }
}
