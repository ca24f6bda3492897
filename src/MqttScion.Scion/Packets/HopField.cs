using System.Buffers.Binary;

namespace MqttScion.Scion;

/// <summary>One hop field of a standard path.</summary>
/// <param name="IngressAlert">The I flag: the router at the construction ingress looks into the packet.</param>
/// <param name="EgressAlert">The E flag: the router at the construction egress looks into the packet.</param>
/// <param name="ExpTime">The lifetime in steps of 337.5 s, minus one.</param>
/// <param name="ConsIngress">The ingress interface in construction direction; 0 for none.</param>
/// <param name="ConsEgress">The egress interface in construction direction; 0 for none.</param>
/// <param name="Mac">The MAC, 48 bits, first byte highest.</param>
public readonly record struct HopField(
    bool IngressAlert, bool EgressAlert, byte ExpTime, ushort ConsIngress, ushort ConsEgress, ulong Mac)
{
    /// <summary>The length in bytes.</summary>
    public const int Length = 12;

    /// <summary>The length of the MAC in bytes.</summary>
    public const int MacLength = 6;

    /// <summary>One step of <see cref="ExpTime"/>: 24 hours / 256.</summary>
    public static readonly TimeSpan ExpTimeStep = TimeSpan.FromMilliseconds(337_500);

    private const byte EgressAlertFlag = 0x01;
    private const byte IngressAlertFlag = 0x02;

    /// <summary>Makes a hop field without alerts from its MAC bytes.</summary>
    public HopField(byte expTime, ushort consIngress, ushort consEgress, ReadOnlySpan<byte> mac)
        : this(false, false, expTime, consIngress, consEgress, ReadMac(mac))
    {
    }

    /// <summary>What the hop adds to the accumulator: the first two bytes of the MAC.</summary>
    public ushort SegIdUpdate => (ushort)(Mac >> 32);

    /// <summary>Reads the field from its twelve bytes.</summary>
    public static HopField Read(ReadOnlySpan<byte> bytes) => new(
        (bytes[0] & IngressAlertFlag) != 0,
        (bytes[0] & EgressAlertFlag) != 0,
        bytes[1],
        BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]),
        BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]),
        ReadMac(bytes[6..]));

    /// <summary>Writes the twelve bytes of the field.</summary>
    public void Write(Span<byte> bytes)
    {
        bytes[0] = (byte)((IngressAlert ? IngressAlertFlag : 0) | (EgressAlert ? EgressAlertFlag : 0));
        bytes[1] = ExpTime;
        BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], ConsIngress);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[4..], ConsEgress);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[6..], SegIdUpdate);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[8..], (uint)Mac);
    }

    /// <summary>The last moment at which the hop is valid in a segment made at <paramref name="timestamp"/>.</summary>
    /// <param name="timestamp">The info field's timestamp, in Unix seconds.</param>
    public DateTimeOffset Expiry(uint timestamp) =>
        DateTimeOffset.UnixEpoch + TimeSpan.FromSeconds(timestamp) + (ExpTime + 1) * ExpTimeStep;

    private static ulong ReadMac(ReadOnlySpan<byte> bytes) =>
        (ulong)BinaryPrimitives.ReadUInt16BigEndian(bytes) << 32 | BinaryPrimitives.ReadUInt32BigEndian(bytes[2..]);
}
