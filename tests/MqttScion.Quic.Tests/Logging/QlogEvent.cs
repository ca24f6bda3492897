using System.Text.Json;

namespace MqttScion.Quic.Tests;

/// <summary>One event of a trace.</summary>
internal sealed record QlogEvent(double Time, string Name, JsonElement Data, string? Path)
{
    public IEnumerable<JsonElement> Frames =>
        Data.TryGetProperty("frames", out var frames) ? frames.EnumerateArray() : [];

    public string PacketType => Data.GetProperty("header").GetProperty("packet_type").GetString()!;

    public long PacketNumber => Data.GetProperty("header").GetProperty("packet_number").GetInt64();

    public string? Text(string field) => Data.TryGetProperty(field, out var value) ? value.ToString() : null;
}
