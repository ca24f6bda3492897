namespace MqttScion.Simulation;

/// <summary>A datagram under way.</summary>
internal sealed class Datagram
{
    public bool ToServer { get; set; }

    public int PathId { get; set; }

    public EcnCodepoint Ecn { get; set; }

    public byte[] Bytes { get; set; } = [];

    public int Length { get; set; }

    public Span<byte> Span => Bytes.AsSpan(0, Length);
}
