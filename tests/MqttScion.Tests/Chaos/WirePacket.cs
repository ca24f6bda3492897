using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;

namespace MqttScion.Tests.Chaos;

/// <summary>A packet between proxy and broker, as far as the order of messages depends on it.</summary>
/// <param name="Time">When it passed.</param>
/// <param name="Connection">On which connection: they are counted.</param>
/// <param name="IsToBroker">Which way it went.</param>
/// <param name="Type">The packet type of MQTT 5 §2.1.2.</param>
/// <param name="Quality">The QoS of a PUBLISH.</param>
/// <param name="PacketId">The packet identifier.</param>
/// <param name="Number">The number that a PUBLISH carries.</param>
/// <param name="ClientId">The client identifier of a CONNECT.</param>
internal sealed record WirePacket(
    TimeSpan Time,
    int Connection,
    bool IsToBroker,
    int Type,
    int Quality,
    ushort PacketId,
    long Number,
    string? ClientId)
{
    public const int Connect = 1;
    public const int Publish = 3;
    public const int PubAck = 4;
    public const int PubRec = 5;
    public const int PubRel = 6;
    public const int PubComp = 7;

    /// <summary>Reads a packet of one of the types above; null for any other.</summary>
    /// <param name="first">The first byte of the fixed header.</param>
    /// <param name="body">What follows the fixed header.</param>
    /// <param name="time">When it passed.</param>
    /// <param name="connection">On which connection.</param>
    /// <param name="isToBroker">Which way it went.</param>
    public static WirePacket? Read(
        byte first, ReadOnlySpan<byte> body, TimeSpan time, int connection, bool isToBroker)
    {
        var packet = new WirePacket(time, connection, isToBroker, first >> 4, (first >> 1) & 3, 0, 0, null);
        switch (packet.Type)
        {
            case Connect:
                var rest = body[10..]; // Protocol name and version, flags, Keep Alive.
                rest = AfterProperties(rest);
                return packet with { ClientId = Encoding.UTF8.GetString(rest.Slice(2, Number16(rest))) };
            case Publish when packet.Quality > 0:
                rest = body[(2 + Number16(body))..]; // The topic may be empty: an alias stands for it.
                var packetId = Number16(rest);
                rest = AfterProperties(rest[2..]);
                return Utf8Parser.TryParse(rest, out long number, out _)
                    ? packet with { PacketId = packetId, Number = number }
                    : throw new InvalidDataException($"A PUBLISH carries {Encoding.UTF8.GetString(rest)}.");
            case PubAck or PubRec or PubRel or PubComp:
                return packet with { PacketId = Number16(body) };
            default:
                return null;
        }
    }

    /// <summary>Takes a Variable Byte Integer (§1.5.5); -1 when it is not whole.</summary>
    public static int TakeLength(ref ReadOnlySpan<byte> bytes)
    {
        var value = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            value |= (bytes[i] & 0x7f) << (7 * i);
            if (bytes[i] < 0x80)
            {
                bytes = bytes[(i + 1)..];
                return value;
            }
        }
        return -1;
    }

    private static ReadOnlySpan<byte> AfterProperties(ReadOnlySpan<byte> bytes)
    {
        var length = TakeLength(ref bytes);
        return bytes[length..];
    }

    private static ushort Number16(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt16BigEndian(bytes);
}
