using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace MqttScion.Udp;

/// <summary>An IP address and port as a value: compared, hashed and kept without allocation.</summary>
public readonly record struct UdpAddress
{
    /// <summary>The longest socket address that <see cref="WriteSockAddr"/> writes, in bytes.</summary>
    internal const int MaxSockAddrLength = 28;

    private const int SockAddrV4Length = 16;
    private const ushort NativeV4 = 2; // AF_INET
    private const ushort NativeV6 = 10; // AF_INET6 on Linux

    private readonly UInt128 _address; // IPv4 in the lowest 32 bits.
    private readonly uint _scopeId;
    private readonly bool _isIPv6;

    /// <summary>Makes a value of an IP endpoint.</summary>
    public UdpAddress(IPEndPoint endPoint)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        _isIPv6 = endPoint.AddressFamily == AddressFamily.InterNetworkV6;
        endPoint.Address.TryWriteBytes(_isIPv6 ? bytes : bytes[12..], out _);
        _address = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        _scopeId = _isIPv6 ? (uint)endPoint.Address.ScopeId : 0;
        Port = (ushort)endPoint.Port;
    }

    private UdpAddress(UInt128 address, ushort port, bool isIPv6, uint scopeId) =>
        (_address, Port, _isIPv6, _scopeId) = (address, port, isIPv6, scopeId);

    /// <summary>The port.</summary>
    public ushort Port { get; }

    /// <summary>IPv4 or IPv6.</summary>
    public AddressFamily Family => _isIPv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;

    /// <summary>True for 127.0.0.0/8 and ::1.</summary>
    public bool IsLoopback => _isIPv6 ? _address == UInt128.One : _address >> 24 == 127;

    /// <summary>Makes a value of an IP endpoint.</summary>
    public static implicit operator UdpAddress(IPEndPoint endPoint) => new(endPoint);

    /// <summary>Makes a value of an IP endpoint.</summary>
    public static UdpAddress FromIPEndPoint(IPEndPoint endPoint) => new(endPoint);

    /// <summary>Makes a value of the 4 bytes of an IPv4 address or the 16 bytes of an IPv6 address.</summary>
    /// <exception cref="ArgumentException">There are neither 4 nor 16 bytes.</exception>
    public static UdpAddress FromBytes(ReadOnlySpan<byte> address, ushort port) => address.Length switch
    {
        4 => new UdpAddress(BinaryPrimitives.ReadUInt32BigEndian(address), port, isIPv6: false, scopeId: 0),
        16 => new UdpAddress(BinaryPrimitives.ReadUInt128BigEndian(address), port, isIPv6: true, scopeId: 0),
        _ => throw new ArgumentException($"An IP address has 4 or 16 bytes, got {address.Length}.", nameof(address)),
    };

    /// <summary>Writes the 4 bytes of an IPv4 address or the 16 bytes of an IPv6 address and returns their number.
    /// </summary>
    public int CopyAddressTo(Span<byte> destination)
    {
        if (_isIPv6)
            BinaryPrimitives.WriteUInt128BigEndian(destination, _address);
        else
            BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)_address);
        return _isIPv6 ? 16 : 4;
    }

    /// <summary>The same address with another port.</summary>
    public UdpAddress WithPort(ushort port) => new(_address, port, _isIPv6, _scopeId);

    /// <summary>True when both are the same host, whatever the port.</summary>
    public bool HasSameHost(in UdpAddress other) =>
        _address == other._address && _isIPv6 == other._isIPv6 && _scopeId == other._scopeId;

    /// <summary>The IP endpoint. Allocates.</summary>
    public IPEndPoint ToIPEndPoint()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, _address);
        return new IPEndPoint(_isIPv6 ? new IPAddress(bytes, _scopeId) : new IPAddress(bytes[12..]), Port);
    }

    /// <summary>The text form of the IP endpoint.</summary>
    public override string ToString() => ToIPEndPoint().ToString();

    /// <summary>Reads a Linux socket address.</summary>
    internal static bool TryReadSockAddr(ReadOnlySpan<byte> bytes, out UdpAddress address)
    {
        address = default;
        if (bytes.Length < SockAddrV4Length)
            return false;
        var port = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        switch (BitConverter.ToUInt16(bytes))
        {
            case NativeV4:
                address = new UdpAddress(BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]), port, false, 0);
                return true;
            case NativeV6 when bytes.Length >= MaxSockAddrLength:
                var value = BinaryPrimitives.ReadUInt128BigEndian(bytes[8..]);
                address = new UdpAddress(value, port, true, BitConverter.ToUInt32(bytes[24..]));
                return true;
            default:
                return false;
        }
    }

    /// <summary>Writes a Linux socket address and returns its length in bytes.</summary>
    internal int WriteSockAddr(Span<byte> bytes)
    {
        bytes[..MaxSockAddrLength].Clear();
        BitConverter.TryWriteBytes(bytes, _isIPv6 ? NativeV6 : NativeV4);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], Port);
        if (!_isIPv6)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes[4..], (uint)_address);
            return SockAddrV4Length;
        }
        BinaryPrimitives.WriteUInt128BigEndian(bytes[8..], _address);
        BitConverter.TryWriteBytes(bytes[24..], _scopeId);
        return MaxSockAddrLength;
    }
}
