namespace MqttScion.Quic;

/// <summary>Spare <see cref="SentPacket"/> objects of all connections of an endpoint.</summary>
internal sealed class SentPacketPool
{
    /// <summary>What a large window in flight leaves behind is kept, about 5 MB at most.</summary>
    private const int MaxSpare = 16 * 1024;

    private readonly Stack<SentPacket> _spare = new();

    /// <summary>Gives an empty packet.</summary>
    public SentPacket Rent(NetworkPath path)
    {
        if (!_spare.TryPop(out var packet))
            return new SentPacket { Path = path };
        packet.Path = path;
        packet.IsMtuProbe = false;
        packet.IsPathProbe = false;
        return packet;
    }

    /// <summary>Takes back a packet that nobody uses any more.</summary>
    public void Return(SentPacket packet)
    {
        packet.Frames.Clear();
        if (_spare.Count < MaxSpare)
            _spare.Push(packet);
    }
}
