using System.Buffers.Binary;

namespace MqttScion.Scion;

/// <summary>The fixed part of an SCMP message: type, code and the fields of that type.</summary>
/// <remarks>What follows it, a quoted packet or echo data, stays in the packet's bytes. A value: keep it freely.
/// </remarks>
/// <param name="Type">The type.</param>
/// <param name="Code">The code, whose meaning depends on the type.</param>
public readonly record struct ScmpMessage(ScmpType Type, byte Code)
{
    /// <summary>The offset of the checksum in bytes.</summary>
    public const int ChecksumOffset = 2;

    /// <summary>The longest packet that carries an SCMP error, in bytes from the common header on.</summary>
    public const int MaxErrorPacketLength = 1232;

    private const int HeaderLength = 4;

    /// <summary>Packet too big: the MTU of the link, in bytes.</summary>
    public ushort Mtu { get; init; }

    /// <summary>Parameter problem: the offset in the quoted packet of what is wrong, in bytes.</summary>
    public ushort ParameterPointer { get; init; }

    /// <summary>Echo and traceroute: the identifier, which is the port of the asking socket.</summary>
    public ushort Identifier { get; init; }

    /// <summary>Echo and traceroute: the sequence number.</summary>
    public ushort Sequence { get; init; }

    /// <summary>Interface down, connectivity down, traceroute: the AS that speaks.</summary>
    public IsdAs IsdAs { get; init; }

    /// <summary>The interface: the one that is down, the one that answers a traceroute, or the ingress.</summary>
    public ulong Interface { get; init; }

    /// <summary>Internal connectivity down: the egress interface.</summary>
    public ulong Egress { get; init; }

    /// <summary>True for an error, which carries a quote and must not be answered with another error.</summary>
    public bool IsError => IsErrorType((byte)Type);

    /// <summary>The length of the fixed part in bytes, with the four bytes of type, code and checksum.</summary>
    public int Length => HeaderLength + BodyLength(Type);

    /// <summary>Reads a message from an upper layer.</summary>
    /// <param name="upperLayer">The upper layer of a packet; its checksum is not looked at.</param>
    /// <param name="message">The fixed part. An unknown type has no fields, and all after the header is data.</param>
    /// <param name="data">The quote or the echo data.</param>
    /// <param name="error">What is wrong, with offsets from the start of the upper layer.</param>
    public static bool TryRead(
        ReadOnlySpan<byte> upperLayer,
        out ScmpMessage message,
        out ReadOnlySpan<byte> data,
        out ScionParseError error)
    {
        message = default;
        data = default;
        error = default;
        var type = upperLayer.IsEmpty ? default : (ScmpType)upperLayer[0];
        var length = HeaderLength + BodyLength(type);
        if (upperLayer.Length < length)
        {
            error = new ScionParseError(ScionParseErrorKind.Truncated, 0, length, upperLayer.Length);
            return false;
        }
        message = ReadBody(new ScmpMessage(type, upperLayer[1]), upperLayer[HeaderLength..]);
        data = upperLayer[length..];
        return true;
    }

    /// <summary>Writes the fixed part with a checksum of zero.</summary>
    public void Write(Span<byte> upperLayer)
    {
        upperLayer[..Length].Clear();
        upperLayer[0] = (byte)Type;
        upperLayer[1] = Code;
        var body = upperLayer[HeaderLength..];
        switch (Type)
        {
            case ScmpType.PacketTooBig:
                BinaryPrimitives.WriteUInt16BigEndian(body[2..], Mtu);
                break;
            case ScmpType.ParameterProblem:
                BinaryPrimitives.WriteUInt16BigEndian(body[2..], ParameterPointer);
                break;
            case ScmpType.ExternalInterfaceDown or ScmpType.InternalConnectivityDown:
                BinaryPrimitives.WriteUInt64BigEndian(body, IsdAs.Value);
                BinaryPrimitives.WriteUInt64BigEndian(body[8..], Interface);
                if (Type == ScmpType.InternalConnectivityDown)
                    BinaryPrimitives.WriteUInt64BigEndian(body[16..], Egress);
                break;
            case ScmpType.EchoRequest or ScmpType.EchoReply:
                WriteIdentifier(body);
                break;
            case ScmpType.TracerouteRequest or ScmpType.TracerouteReply:
                WriteIdentifier(body);
                BinaryPrimitives.WriteUInt64BigEndian(body[4..], IsdAs.Value);
                BinaryPrimitives.WriteUInt64BigEndian(body[12..], Interface);
                break;
        }
    }

    /// <summary>The name of type and code: <c>ParameterProblem(PathExpired)</c>.</summary>
    public override string ToString() => ScmpCode.Describe(Type, Code);

    internal static bool IsErrorType(byte type) => type < 128;

    private static int BodyLength(ScmpType type) => type switch
    {
        ScmpType.DestinationUnreachable or ScmpType.PacketTooBig or ScmpType.ParameterProblem => 4,
        ScmpType.ExternalInterfaceDown => 16,
        ScmpType.InternalConnectivityDown => 24,
        ScmpType.EchoRequest or ScmpType.EchoReply => 4,
        ScmpType.TracerouteRequest or ScmpType.TracerouteReply => 20,
        _ => 0,
    };

    private static ScmpMessage ReadBody(ScmpMessage message, ReadOnlySpan<byte> body) => message.Type switch
    {
        ScmpType.PacketTooBig => message with { Mtu = BinaryPrimitives.ReadUInt16BigEndian(body[2..]) },
        ScmpType.ParameterProblem => message with
        {
            ParameterPointer = BinaryPrimitives.ReadUInt16BigEndian(body[2..]),
        },
        ScmpType.ExternalInterfaceDown => message with
        {
            IsdAs = new IsdAs(BinaryPrimitives.ReadUInt64BigEndian(body)),
            Interface = BinaryPrimitives.ReadUInt64BigEndian(body[8..]),
        },
        ScmpType.InternalConnectivityDown => message with
        {
            IsdAs = new IsdAs(BinaryPrimitives.ReadUInt64BigEndian(body)),
            Interface = BinaryPrimitives.ReadUInt64BigEndian(body[8..]),
            Egress = BinaryPrimitives.ReadUInt64BigEndian(body[16..]),
        },
        ScmpType.EchoRequest or ScmpType.EchoReply => message with
        {
            Identifier = BinaryPrimitives.ReadUInt16BigEndian(body),
            Sequence = BinaryPrimitives.ReadUInt16BigEndian(body[2..]),
        },
        ScmpType.TracerouteRequest or ScmpType.TracerouteReply => message with
        {
            Identifier = BinaryPrimitives.ReadUInt16BigEndian(body),
            Sequence = BinaryPrimitives.ReadUInt16BigEndian(body[2..]),
            IsdAs = new IsdAs(BinaryPrimitives.ReadUInt64BigEndian(body[4..])),
            Interface = BinaryPrimitives.ReadUInt64BigEndian(body[12..]),
        },
        _ => message,
    };

    private void WriteIdentifier(Span<byte> body)
    {
        BinaryPrimitives.WriteUInt16BigEndian(body, Identifier);
        BinaryPrimitives.WriteUInt16BigEndian(body[2..], Sequence);
    }
}
