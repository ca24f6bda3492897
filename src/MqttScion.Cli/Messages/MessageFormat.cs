using System.Text;
using MqttScion.Mqtt;

namespace MqttScion.Cli;

/// <summary>How <c>sub</c> and <c>request</c> print a message.</summary>
internal abstract class MessageFormat
{
    /// <summary>The names that <c>--output</c> takes.</summary>
    public static readonly string[] Names = ["text", "json", "payload", "raw"];

    /// <summary>The bytes to print, with the line's end where there is one.</summary>
    /// <param name="message">The message.</param>
    /// <param name="at">When it came.</param>
    public abstract byte[] Render(MqttApplicationMessage message, DateTimeOffset at);

    /// <summary>The format of a name, which is one of <see cref="Names"/>.</summary>
    /// <param name="name">The name.</param>
    /// <param name="hasTopic">False when the topic is known: then <c>text</c> is the payload alone.</param>
    public static MessageFormat Named(string name, bool hasTopic) => name switch
    {
        "json" => new Lines((message, at) => MessageJson.Of(message, at)),
        "payload" => new Bytes(endsLines: true),
        "raw" => new Bytes(endsLines: false),
        _ when hasTopic => new Lines((message, _) =>
            $"{TopicText(message.Topic)} {TerminalText.OfPayload(message.Payload.Span)}"),
        _ => new Lines((message, _) => TerminalText.OfPayload(message.Payload.Span)),
    };

    /// <summary>Lines that a function makes.</summary>
    public static MessageFormat Of(Func<MqttApplicationMessage, DateTimeOffset, string> line) => new Lines(line);

    /// <summary>A topic in which the first space is no part of it: spaces and backslashes are escaped.</summary>
    private static string TopicText(string topic) => TerminalText.Escape(
        topic.Replace("\\", "\\\\", StringComparison.Ordinal)).Replace(" ", "\\u0020", StringComparison.Ordinal);

    private sealed class Lines(Func<MqttApplicationMessage, DateTimeOffset, string> line) : MessageFormat
    {
        public override byte[] Render(MqttApplicationMessage message, DateTimeOffset at) =>
            Encoding.UTF8.GetBytes(line(message, at) + "\n");
    }

    private sealed class Bytes(bool endsLines) : MessageFormat
    {
        public override byte[] Render(MqttApplicationMessage message, DateTimeOffset at) =>
            endsLines ? [.. message.Payload.Span, (byte)'\n'] : message.Payload.ToArray();
    }
}
