using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace MqttScion.Scion;

/// <summary>The host part of a SCION address: an IP address, a service, or bytes of a type unknown to us.</summary>
/// <remarks>The default value is the IPv4 address 0.0.0.0. SCION header specification, "Address Header".</remarks>
public readonly record struct ScionHost
{
    /// <summary>The longest host address in bytes.</summary>
    public const int MaxLength = 16;

    private const byte IPv4Type = 0b0000;
    private const byte IPv6Type = 0b0011;
    private const byte ServiceType = 0b0100;

    private static readonly SearchValues<char> IPv6Characters = SearchValues.Create("0123456789abcdefABCDEF:.");

    // The wire bytes, first byte highest, left-aligned; zero behind them.
    private readonly ulong _upper;
    private readonly ulong _lower;
    private readonly string? _zone;

    private ScionHost(int typeAndLength, ulong upper, ulong lower = 0, string? zone = null)
    {
        TypeAndLength = (byte)typeAndLength;
        (_upper, _lower) = (upper, lower);
        _zone = zone;
    }

    /// <summary>The header's nibble: two bits of type, two of length (4-byte units, minus one).</summary>
    public byte TypeAndLength { get; }

    /// <summary>The length on the wire in bytes: 4, 8, 12 or 16.</summary>
    public int Length => LengthOf(TypeAndLength);

    /// <summary>What kind of address this is.</summary>
    public ScionHostKind Kind => TypeAndLength switch
    {
        IPv4Type => ScionHostKind.IPv4,
        IPv6Type => ScionHostKind.IPv6,
        ServiceType => ScionHostKind.Service,
        _ => ScionHostKind.Unknown,
    };

    /// <summary>The zone of an IPv6 address, empty when there is none. It never goes on the wire.</summary>
    public string Zone => _zone ?? "";

    /// <summary>True for an IPv6 address that maps an IPv4 address; border routers refuse it.</summary>
    public bool IsIPv4Mapped => TypeAndLength == IPv6Type && _upper == 0 && _lower >> 32 == 0xffff;

    /// <summary>True for the IP addresses 0.0.0.0 and ::.</summary>
    public bool IsUnspecified => TypeAndLength is IPv4Type or IPv6Type && (_upper | _lower) == 0;

    /// <summary>The length on the wire that a header nibble stands for, in bytes.</summary>
    public static int LengthOf(int typeAndLength) => 4 * ((typeAndLength & 0b11) + 1);

    /// <summary>Makes a host from an IP address; an IPv4-mapped IPv6 address stays IPv6.</summary>
    public static ScionHost FromIPAddress(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        Span<byte> bytes = stackalloc byte[MaxLength];
        address.TryWriteBytes(bytes, out var length);
        if (address.AddressFamily == AddressFamily.InterNetwork)
            return FromWire(IPv4Type, bytes[..length]);
        var zone = address.ScopeId == 0 ? null : address.ScopeId.ToString(provider: null);
        return FromIPv6(bytes, zone);
    }

    /// <summary>Makes a host from a service address.</summary>
    public static ScionHost FromService(ServiceAddress service) =>
        new(ServiceType, (ulong)service.Value << 48);

    /// <summary>Reads a host from the wire.</summary>
    /// <param name="typeAndLength">The header's nibble.</param>
    /// <param name="bytes">Exactly the host's bytes.</param>
    /// <exception cref="ArgumentException">The number of bytes is not what the nibble says.</exception>
    public static ScionHost FromWire(int typeAndLength, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != LengthOf(typeAndLength))
        {
            throw new ArgumentException(
                $"A host of type 0x{typeAndLength:x} has {LengthOf(typeAndLength)} bytes, got {bytes.Length}.",
                nameof(bytes));
        }
        var upper = bytes.Length == sizeof(uint)
            ? (ulong)BinaryPrimitives.ReadUInt32BigEndian(bytes) << 32
            : BinaryPrimitives.ReadUInt64BigEndian(bytes);
        var lower = bytes.Length switch
        {
            12 => (ulong)BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]) << 32,
            MaxLength => BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]),
            _ => 0UL,
        };
        return new ScionHost(typeAndLength & 0xf, upper, lower);
    }

    /// <summary>Parses a service name, an IPv4 address or an IPv6 address with an optional zone; no brackets.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out ScionHost host)
    {
        if (ServiceAddress.TryParse(text, out var service))
        {
            host = FromService(service);
            return true;
        }
        return TryParseIPv4(text, out host) || TryParseIPv6(text, out host);
    }

    /// <summary>Parses an IP address only: IPv4, or IPv6 with an optional zone; no brackets.</summary>
    public static bool TryParseIP(ReadOnlySpan<char> text, out ScionHost host) =>
        TryParseIPv4(text, out host) || TryParseIPv6(text, out host);

    /// <summary>Gets the IP address; false for a service or an unknown type.</summary>
    /// <remarks>Allocates. A zone that is not a number is left out.</remarks>
    public bool TryGetIPAddress([NotNullWhen(true)] out IPAddress? address)
    {
        Span<byte> bytes = stackalloc byte[MaxLength];
        CopyTo(bytes);
        address = Kind switch
        {
            ScionHostKind.IPv4 => new IPAddress(bytes[..4]),
            ScionHostKind.IPv6 when long.TryParse(_zone, out var scope) => new IPAddress(bytes, scope),
            ScionHostKind.IPv6 => new IPAddress(bytes),
            _ => null,
        };
        return address is not null;
    }

    /// <summary>Gets the service address; false for every other kind.</summary>
    public bool TryGetService(out ServiceAddress service)
    {
        service = new ServiceAddress((ushort)(_upper >> 48));
        return TypeAndLength == ServiceType;
    }

    /// <summary>The host as it goes into a header: an IPv4-mapped IPv6 address becomes IPv4, a zone goes.</summary>
    public ScionHost ToWireForm() =>
        IsIPv4Mapped ? new ScionHost(IPv4Type, _lower << 32) : new ScionHost(TypeAndLength, _upper, _lower);

    /// <summary>Writes the <see cref="Length"/> bytes of this host and returns their number.</summary>
    public int CopyTo(Span<byte> destination)
    {
        Span<byte> bytes = stackalloc byte[MaxLength];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, _upper);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], _lower);
        bytes[..Length].CopyTo(destination);
        return Length;
    }

    /// <summary>The text form: an IP address with its zone, a service name, or the bytes of an unknown type.</summary>
    public override string ToString()
    {
        if (TryGetService(out var service))
            return service.ToString();
        var bytes = new byte[Length];
        CopyTo(bytes);
        if (Kind == ScionHostKind.Unknown)
            return $"<type 0x{TypeAndLength:x}:{Convert.ToHexStringLower(bytes)}>";
        var address = new IPAddress(bytes).ToString();
        return _zone is null ? address : $"{address}%{_zone}";
    }

    // Stricter than IPAddress.TryParse, which takes "10.1234567", hexadecimal and octal.
    private static bool TryParseIPv4(ReadOnlySpan<char> text, out ScionHost host)
    {
        host = default;
        uint value = 0;
        var groups = 0;
        foreach (var range in text.Split('.'))
        {
            var group = text[range];
            if (++groups > 4 || group.Length is 0 or > 3 || (group.Length > 1 && group[0] == '0'))
                return false;
            uint number = 0;
            foreach (var c in group)
            {
                if (!char.IsAsciiDigit(c))
                    return false;
                number = number * 10 + (uint)(c - '0');
            }
            if (number > 255)
                return false;
            value = value << 8 | number;
        }
        host = new ScionHost(IPv4Type, (ulong)value << 32);
        return groups == 4;
    }

    private static bool TryParseIPv6(ReadOnlySpan<char> text, out ScionHost host)
    {
        host = default;
        string? zone = null;
        var percent = text.IndexOf('%');
        if (percent >= 0)
        {
            zone = text[(percent + 1)..].ToString();
            text = text[..percent];
        }
        if (zone is "" || text.ContainsAnyExcept(IPv6Characters) || !text.Contains(':'))
            return false;
        if (text.Contains('.') && !TryParseIPv4(text[(text.LastIndexOf(':') + 1)..], out _))
            return false;
        if (!IPAddress.TryParse(text, out var address))
            return false;
        Span<byte> bytes = stackalloc byte[MaxLength];
        address.TryWriteBytes(bytes, out _);
        host = FromIPv6(bytes, zone);
        return true;
    }

    private static ScionHost FromIPv6(ReadOnlySpan<byte> bytes, string? zone) => new(
        IPv6Type,
        BinaryPrimitives.ReadUInt64BigEndian(bytes),
        BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]),
        zone);
}
