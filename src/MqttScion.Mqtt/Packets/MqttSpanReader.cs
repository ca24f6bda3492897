using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace MqttScion.Mqtt;

/// <summary>Reads the data types of MQTT 5 §1.5. The first fault sticks, and every later read returns a
/// default.</summary>
internal ref struct MqttSpanReader
{
    private ReadOnlySpan<byte> _rest;

    public MqttSpanReader(ReadOnlySpan<byte> bytes) => _rest = bytes;

    public MqttReadFault Fault { get; private set; }

    public readonly bool HasFailed => Fault.Reason is not null;

    /// <summary>True while bytes are left; false after a fault, so that loops end.</summary>
    public readonly bool HasMore => !_rest.IsEmpty;

    public readonly int Remaining => _rest.Length;

    public void Fail(MqttReadFault fault)
    {
        if (!HasFailed)
        {
            Fault = fault;
            _rest = default;
        }
    }

    public void Malformed(string reason) => Fail(MqttReadFault.Malformed(reason));

    public void ProtocolError(string reason) => Fail(MqttReadFault.Protocol(reason));

    public byte ReadByte() => Take(1) is [var value] ? value : (byte)0;

    public ushort ReadUInt16() =>
        Take(2) is { Length: 2 } bytes ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : (ushort)0;

    public uint ReadUInt32() =>
        Take(4) is { Length: 4 } bytes ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : 0;

    public uint ReadVarInt()
    {
        uint value = 0;
        for (var shift = 0; shift < 28; shift += 7)
        {
            var next = ReadByte();
            value |= (uint)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                if (next == 0 && shift > 0)
                {
                    Malformed("[MQTT-1.5.5-1] A variable byte integer must use the fewest bytes.");
                }
                return HasFailed ? 0 : value;
            }
        }
        Malformed("§1.5.5: A variable byte integer is longer than four bytes.");
        return 0;
    }

    public byte[] ReadBinary() => Take(ReadUInt16()).ToArray();

    public string ReadString() => Encoding.UTF8.GetString(ReadUtf8());

    /// <summary>Reads a string without decoding it; empty after a fault.</summary>
    public ReadOnlySpan<byte> ReadUtf8()
    {
        var bytes = Take(ReadUInt16());
        if (!Utf8.IsValid(bytes))
        {
            Malformed("[MQTT-1.5.4-1] A string is not well-formed UTF-8.");
        }
        else if (bytes.Contains((byte)0))
        {
            Malformed("[MQTT-1.5.4-2] A string holds U+0000.");
        }
        return HasFailed ? default : bytes;
    }

    public ReadOnlySpan<byte> ReadRest() => Take(_rest.Length);

    public ReadOnlySpan<byte> Take(int lengthBytes)
    {
        if (lengthBytes > _rest.Length)
        {
            Malformed(
                $"§2.1.4: The packet ends inside a field: {_rest.Length} of {lengthBytes} bytes are there.");
            return default;
        }
        var taken = _rest[..lengthBytes];
        _rest = _rest[lengthBytes..];
        return taken;
    }

    /// <summary>Ends a packet: false after any fault, or when bytes are left over.</summary>
    public bool TryEnd(out MqttReadFault fault)
    {
        if (HasMore)
        {
            Malformed($"§2.1.4: {_rest.Length} bytes are left over at the end of the packet.");
        }
        fault = Fault;
        return !HasFailed;
    }
}
