using System.Text;
using System.Text.Json;

namespace MqttScion.Quic.Tests;

/// <summary>A trace that was read back: each record parsed, and checked against the schema.</summary>
internal sealed class QlogFile
{
    private const byte RecordSeparator = 0x1e;

    private QlogFile(JsonElement header, IReadOnlyList<QlogEvent> events) => (Header, Events) = (header, events);

    public JsonElement Header { get; }

    public IReadOnlyList<QlogEvent> Events { get; }

    public static QlogFile Read(byte[] bytes)
    {
        bytes.Should().NotBeEmpty();
        // RFC 7464: each text has a separator in front and a line feed behind it.
        bytes[0].Should().Be(RecordSeparator);
        bytes[^1].Should().Be((byte)'\n');
        var records = Encoding.UTF8.GetString(bytes)[1..].Split((char)RecordSeparator);
        records.Should().OnlyContain(record => record.EndsWith('\n') && record.IndexOf('\n') == record.Length - 1);
        var parsed = records.Select(static record => JsonDocument.Parse(record).RootElement).ToArray();
        var events = parsed[1..].Select(ToEvent).ToArray();
        QlogSchema.CheckHeader(parsed[0]);
        foreach (var item in events)
            QlogSchema.Check(item);
        events.Select(static item => item.Time).Should().BeInAscendingOrder();
        return new QlogFile(parsed[0], events);
    }

    public IEnumerable<QlogEvent> Named(string name) => Events.Where(item => item.Name == name);

    public IEnumerable<JsonElement> FramesOf(string eventName, string frameType) =>
        from item in Named(eventName)
        from frame in item.Frames
        where frame.GetProperty("frame_type").GetString() == frameType
        select frame;

    private static QlogEvent ToEvent(JsonElement record) => new(
        record.GetProperty("time").GetDouble(),
        record.GetProperty("name").GetString()!,
        record.GetProperty("data"),
        record.TryGetProperty("path", out var path) ? path.GetString() : null);
}
