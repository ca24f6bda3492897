using System.Buffers.Binary;
using MqttScion.Scion;

namespace MqttScion.Transport;

/// <summary>
/// The bytes that address validation tokens are bound to: ISD-AS, type and length of the host, host. Without the port,
/// so that a client that comes back may use its token.
/// </summary>
internal static class ValidatedAddress
{
    public const int MaxLength = HostOffset + ScionHost.MaxLength;

    private const int HostOffset = sizeof(ulong) + 1;

    /// <summary>Writes the bytes; returns how many.</summary>
    public static int Write(ScionEndPoint source, Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64BigEndian(bytes, source.IsdAs.Value);
        bytes[sizeof(ulong)] = source.Host.TypeAndLength;
        return HostOffset + source.Host.CopyTo(bytes[HostOffset..]);
    }

    /// <summary>The address that <see cref="Write"/> wrote, as text: <c>[1-ff00:0:110,10.0.0.2]</c>.</summary>
    public static string ToText(ReadOnlySpan<byte> bytes)
    {
        var isdAs = new IsdAs(BinaryPrimitives.ReadUInt64BigEndian(bytes));
        return $"[{isdAs},{ScionHost.FromWire(bytes[sizeof(ulong)], bytes[HostOffset..])}]";
    }
}
