using System.Buffers.Binary;
using System.Net.Sockets;
using MqttScion.Udp;

namespace MqttScion.Testnet;

/// <summary>Answers STUN binding requests (RFC 8489), by which a host behind NAT learns its address.</summary>
internal static class StunResponder
{
    /// <summary>The longest answer in bytes: header, and one attribute with an IPv6 address.</summary>
    internal const int MaxAnswerLength = HeaderLength + AttributeHeaderLength + 20;

    private const int HeaderLength = 20;
    private const int AttributeHeaderLength = 4;
    private const int FingerprintLength = AttributeHeaderLength + sizeof(uint);
    private const int MaxRequestLength = 548;
    private const uint MagicCookie = 0x2112_a442;
    private const uint FingerprintMask = 0x5354_554e;
    private const ushort BindingRequest = 0x0001;
    private const ushort BindingResponse = 0x0101;
    private const ushort XorMappedAddress = 0x0020;
    private const ushort Fingerprint = 0x8028;

    /// <summary>True when the datagram is a STUN message; no SCION packet looks so.</summary>
    internal static bool IsStun(ReadOnlySpan<byte> datagram) =>
        datagram.Length is >= HeaderLength and <= MaxRequestLength
        && datagram[0] < 0x40
        && BinaryPrimitives.ReadUInt32BigEndian(datagram[4..]) == MagicCookie
        && BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]) == datagram.Length - HeaderLength;

    /// <summary>Writes the answer to a binding request; false when it is none, or its fingerprint is wrong.</summary>
    internal static bool TryAnswer(ReadOnlySpan<byte> request, UdpAddress sender, Span<byte> answer, out int length)
    {
        length = 0;
        if (!IsStun(request) || BinaryPrimitives.ReadUInt16BigEndian(request) != BindingRequest
            || !HasFingerprint(request))
        {
            return false;
        }
        var endPoint = sender.ToIPEndPoint();
        var isIPv6 = endPoint.AddressFamily == AddressFamily.InterNetworkV6;
        var valueLength = isIPv6 ? 20 : 8;
        length = HeaderLength + AttributeHeaderLength + valueLength;
        BinaryPrimitives.WriteUInt16BigEndian(answer, BindingResponse);
        BinaryPrimitives.WriteUInt16BigEndian(answer[2..], (ushort)(AttributeHeaderLength + valueLength));
        request[4..HeaderLength].CopyTo(answer[4..]);
        var attribute = answer[HeaderLength..length];
        BinaryPrimitives.WriteUInt16BigEndian(attribute, XorMappedAddress);
        BinaryPrimitives.WriteUInt16BigEndian(attribute[2..], (ushort)valueLength);
        attribute[4] = 0;
        attribute[5] = (byte)(isIPv6 ? 2 : 1);
        BinaryPrimitives.WriteUInt16BigEndian(attribute[6..], (ushort)(sender.Port ^ MagicCookie >> 16));
        endPoint.Address.TryWriteBytes(attribute[8..], out var addressLength);

        // RFC 8489 §14.2: the address is masked with the magic cookie and the transaction id, which follows it.
        for (var i = 0; i < addressLength; i++)
            attribute[8 + i] ^= request[4 + i];
        return true;
    }

    private static bool HasFingerprint(ReadOnlySpan<byte> request)
    {
        if (request.Length < HeaderLength + FingerprintLength)
            return false;
        var attribute = request[^FingerprintLength..];
        return BinaryPrimitives.ReadUInt16BigEndian(attribute) == Fingerprint
            && BinaryPrimitives.ReadUInt16BigEndian(attribute[2..]) == sizeof(uint)
            && BinaryPrimitives.ReadUInt32BigEndian(attribute[4..])
                == (Crc32(request[..^FingerprintLength]) ^ FingerprintMask);
    }

    // The CRC of Ethernet and zip, bit by bit: requests are short and rare.
    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var each in bytes)
        {
            crc ^= each;
            for (var bit = 0; bit < 8; bit++)
                crc = crc >> 1 ^ ((crc & 1) == 0 ? 0 : 0xedb8_8320u);
        }
        return ~crc;
    }
}
