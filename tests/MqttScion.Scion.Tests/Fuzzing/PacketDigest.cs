namespace MqttScion.Scion.Tests;

/// <summary>Sums up all that was read, so that a value that came from outside the packet shows.</summary>
internal struct PacketDigest
{
    internal ulong Value { get; private set; }

    internal void Add(ulong value) => Value = (Value ^ value) * 0x0000_0100_0000_01b3 + 0x9e37_79b9;

    internal void Add(ReadOnlySpan<byte> bytes)
    {
        var hash = new HashCode();
        hash.AddBytes(bytes);
        Add((ulong)hash.ToHashCode());
        Add((ulong)bytes.Length);
    }

    internal void Add(ScionHost host)
    {
        Span<byte> bytes = stackalloc byte[ScionHost.MaxLength];
        Add(bytes[..host.CopyTo(bytes)]);
        Add(host.TypeAndLength);
    }

    internal void Add(ScionParseError error)
    {
        Add((ulong)error.Kind);
        Add((ulong)error.Offset);
        Add((ulong)error.Expected);
        Add((ulong)error.Actual);
    }

    internal void Add(in ScmpMessage message)
    {
        Add((ulong)message.Type << 8 | message.Code);
        Add((ulong)message.Mtu << 16 | message.ParameterPointer);
        Add((ulong)message.Identifier << 16 | message.Sequence);
        Add(message.IsdAs.Value);
        Add(message.Interface);
        Add(message.Egress);
    }
}
