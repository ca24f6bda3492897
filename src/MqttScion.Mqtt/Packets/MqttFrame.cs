namespace MqttScion.Mqtt;

/// <summary>One complete control packet: its first byte and what follows the fixed header. Valid while its source
/// is.</summary>
internal readonly ref struct MqttFrame
{
    public const int MaxRemainingLength = 268_435_455;

    /// <summary>The longest fixed header: type and flags, and four bytes of length.</summary>
    public const int MaxHeaderLength = 5;

    public MqttFrame(byte header, ReadOnlySpan<byte> body)
    {
        Header = header;
        Body = body;
    }

    public byte Header { get; }

    public ReadOnlySpan<byte> Body { get; }

    public MqttPacketType Type => (MqttPacketType)(Header >> 4);

    public int Flags => Header & 0x0f;

    /// <summary>Looks for one packet at the start of the bytes.</summary>
    /// <param name="bytes">What is there so far.</param>
    /// <param name="maxPacketSize">The largest packet in bytes that is accepted, fixed header included.</param>
    /// <param name="frame">The packet, when there is one.</param>
    /// <param name="lengthBytes">The length of the whole packet as soon as it is known, else 0.</param>
    /// <param name="fault">Why the bytes are refused, when they are.</param>
    public static MqttFrameStatus TryRead(
        ReadOnlySpan<byte> bytes, int maxPacketSize, out MqttFrame frame, out int lengthBytes, out MqttReadFault fault)
    {
        frame = default;
        lengthBytes = 0;
        fault = default;
        if (bytes.IsEmpty)
        {
            return MqttFrameStatus.NeedMore;
        }
        if (bytes[0] >> 4 == 0)
        {
            fault = MqttReadFault.Malformed("§2.1.2: Packet type 0 is reserved.");
            return MqttFrameStatus.Refused;
        }
        var status = TryReadLength(bytes, out var headerLength, out var remaining, out fault);
        if (status != MqttFrameStatus.Packet)
        {
            return status;
        }
        lengthBytes = headerLength + remaining;
        if (lengthBytes > maxPacketSize)
        {
            fault = new MqttReadFault(MqttDisconnectReasonCode.PacketTooLarge,
                $"[MQTT-3.1.2-24] A packet of {lengthBytes} bytes came; {maxPacketSize} are allowed.");
            return MqttFrameStatus.Refused;
        }
        if (bytes.Length < lengthBytes)
        {
            return MqttFrameStatus.NeedMore;
        }
        frame = new MqttFrame(bytes[0], bytes[headerLength..lengthBytes]);
        return MqttFrameStatus.Packet;
    }

    private static MqttFrameStatus TryReadLength(
        ReadOnlySpan<byte> bytes, out int headerLength, out int remaining, out MqttReadFault fault)
    {
        fault = default;
        headerLength = 2;
        remaining = 0;
        if (bytes.Length < headerLength)
        {
            return MqttFrameStatus.NeedMore;
        }
        remaining = bytes[1];
        if (remaining < 0x80)
        {
            return MqttFrameStatus.Packet;
        }
        var sizeBytes = bytes[1..Math.Min(bytes.Length, MaxHeaderLength)];
        var end = sizeBytes.IndexOfAnyInRange((byte)0, (byte)0x7f);
        if (end < 0 && sizeBytes.Length < MaxHeaderLength - 1)
        {
            return MqttFrameStatus.NeedMore;
        }
        var reader = new MqttSpanReader(sizeBytes);
        remaining = (int)reader.ReadVarInt();
        headerLength = end + 2;
        fault = reader.Fault;
        return reader.HasFailed ? MqttFrameStatus.Refused : MqttFrameStatus.Packet;
    }
}
