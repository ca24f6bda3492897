using System.Buffers.Binary;
using MqttScion.Udp;

namespace MqttScion.Scion;

/// <summary>The two STUN messages (RFC 8489) with which a host behind a NAT asks a border router for its own address.
/// </summary>
/// <remarks>Reads untrusted bytes: no exception, no allocation.</remarks>
internal static class StunMessage
{
    internal const int RequestLength = HeaderLength + FingerprintLength;
    internal const int MaxResponseLength = HeaderLength + AttributeHeaderLength + 4 + 16 + FingerprintLength;

    private const int HeaderLength = 20;
    private const int AttributeHeaderLength = 4;
    private const int FingerprintLength = AttributeHeaderLength + sizeof(uint);
    private const uint MagicCookie = 0x2112_a442;
    private const uint FingerprintMask = 0x5354_554e;

    private const ushort BindingRequest = 0x0001;
    private const ushort BindingResponse = 0x0101;
    private const ushort XorMappedAddress = 0x0020;
    private const ushort OldXorMappedAddress = 0x8020; // Before RFC 5389; some servers still use it.
    private const ushort Fingerprint = 0x8028;
    private const byte FamilyIPv4 = 1;
    private const byte FamilyIPv6 = 2;

    /// <summary>Writes a binding request and returns its length in bytes, <see cref="RequestLength"/>.</summary>
    internal static int WriteRequest(Span<byte> message, StunTransactionId id) =>
        Finish(message, BindingRequest, id, HeaderLength);

    /// <summary>Writes a success response and returns its length in bytes.</summary>
    internal static int WriteResponse(Span<byte> message, StunTransactionId id, in UdpAddress mapped)
    {
        var value = message[(HeaderLength + AttributeHeaderLength)..];
        var addressLength = mapped.CopyAddressTo(value[4..]);
        BinaryPrimitives.WriteUInt16BigEndian(message[HeaderLength..], XorMappedAddress);
        BinaryPrimitives.WriteUInt16BigEndian(message[(HeaderLength + 2)..], (ushort)(4 + addressLength));
        value[0] = 0;
        value[1] = addressLength == 4 ? FamilyIPv4 : FamilyIPv6;
        BinaryPrimitives.WriteUInt16BigEndian(value[2..], mapped.Port);
        Mask(value[..(4 + addressLength)], id);
        return Finish(message, BindingResponse, id, HeaderLength + AttributeHeaderLength + 4 + addressLength);
    }

    /// <summary>Reads a binding request, which must end with its fingerprint.</summary>
    internal static bool TryReadRequest(ReadOnlySpan<byte> message, out StunTransactionId id) =>
        TryReadHeader(message, BindingRequest, out id)
        && TryReadAttributes(message, id, out _, out var hasFingerprint) && hasFingerprint;

    /// <summary>Reads a success response to a request; a fingerprint may be missing but not be wrong.</summary>
    internal static bool TryReadResponse(ReadOnlySpan<byte> message, StunTransactionId id, out UdpAddress mapped)
    {
        mapped = default;
        if (!TryReadHeader(message, BindingResponse, out var answered) || answered != id
            || !TryReadAttributes(message, id, out var found, out _) || found is not { Port: > 0 } address)
        {
            return false;
        }
        mapped = address;
        return true;
    }

    private static bool TryReadHeader(ReadOnlySpan<byte> message, ushort type, out StunTransactionId id)
    {
        id = default;
        if (message.Length < HeaderLength || message.Length % 4 != 0
            || BinaryPrimitives.ReadUInt16BigEndian(message) != type
            || BinaryPrimitives.ReadUInt16BigEndian(message[2..]) != message.Length - HeaderLength
            || BinaryPrimitives.ReadUInt32BigEndian(message[4..]) != MagicCookie)
        {
            return false;
        }
        id = StunTransactionId.Read(message[8..]);
        return true;
    }

    private static bool TryReadAttributes(
        ReadOnlySpan<byte> message, StunTransactionId id, out UdpAddress? mapped, out bool hasFingerprint)
    {
        (mapped, hasFingerprint) = (null, false);
        var isCurrent = false;
        for (var offset = HeaderLength; offset < message.Length;)
        {
            if (hasFingerprint || message.Length - offset < AttributeHeaderLength)
                return false; // Nothing follows a fingerprint.
            var type = BinaryPrimitives.ReadUInt16BigEndian(message[offset..]);
            var length = BinaryPrimitives.ReadUInt16BigEndian(message[(offset + 2)..]);
            if ((length + 3 & ~3) > message.Length - offset - AttributeHeaderLength)
                return false;
            var value = message.Slice(offset + AttributeHeaderLength, length);
            if (type == Fingerprint)
            {
                hasFingerprint = length == sizeof(uint)
                    && BinaryPrimitives.ReadUInt32BigEndian(value) == FingerprintOf(message[..offset]);
                if (!hasFingerprint)
                    return false;
            }
            else if (type == XorMappedAddress || (type == OldXorMappedAddress && !isCurrent))
            {
                if (!TryReadAddress(value, id, out var address))
                    return false;
                mapped = address;
                isCurrent |= type == XorMappedAddress;
            }
            offset += AttributeHeaderLength + (length + 3 & ~3);
        }
        return true;
    }

    private static bool TryReadAddress(ReadOnlySpan<byte> value, StunTransactionId id, out UdpAddress address)
    {
        address = default;
        if ((value.Length, value.Length > 1 ? value[1] : 0) is not ((8, FamilyIPv4) or (20, FamilyIPv6)))
            return false;
        Span<byte> plain = stackalloc byte[value.Length];
        value.CopyTo(plain);
        Mask(plain, id);
        address = UdpAddress.FromBytes(plain[4..], BinaryPrimitives.ReadUInt16BigEndian(plain[2..]));
        return true;
    }

    // RFC 8489 §14.2: the port with the top of the cookie, the address with the cookie and the transaction id.
    private static void Mask(Span<byte> value, StunTransactionId id)
    {
        Span<byte> mask = stackalloc byte[sizeof(uint) + StunTransactionId.Length];
        BinaryPrimitives.WriteUInt32BigEndian(mask, MagicCookie);
        id.Write(mask[sizeof(uint)..]);
        value[2] ^= mask[0];
        value[3] ^= mask[1];
        for (var i = 4; i < value.Length; i++)
            value[i] ^= mask[i - 4];
    }

    private static int Finish(Span<byte> message, ushort type, StunTransactionId id, int length)
    {
        var whole = length + FingerprintLength;
        BinaryPrimitives.WriteUInt16BigEndian(message, type);
        BinaryPrimitives.WriteUInt16BigEndian(message[2..], (ushort)(whole - HeaderLength));
        BinaryPrimitives.WriteUInt32BigEndian(message[4..], MagicCookie);
        id.Write(message[8..]);
        BinaryPrimitives.WriteUInt16BigEndian(message[length..], Fingerprint);
        BinaryPrimitives.WriteUInt16BigEndian(message[(length + 2)..], sizeof(uint));
        BinaryPrimitives.WriteUInt32BigEndian(message[(length + 4)..], FingerprintOf(message[..length]));
        return whole;
    }

    private static uint FingerprintOf(ReadOnlySpan<byte> message) => Crc32(message) ^ FingerprintMask;

    // ITU V.42, bit by bit: a message is short, and there is one every few seconds.
    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        const uint ReversedPolynomial = 0xedb8_8320;
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++)
                crc = crc >> 1 ^ (ReversedPolynomial & (0 - (crc & 1)));
        }
        return ~crc;
    }
}
