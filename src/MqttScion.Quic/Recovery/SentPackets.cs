using System.Diagnostics;

namespace MqttScion.Quic;

/// <summary>The packets in flight of one space: a ring that is indexed by packet number.</summary>
/// <remarks>Packets that only acknowledge are not in flight and leave holes.</remarks>
internal sealed class SentPackets
{
    private const int InitialCapacity = 8;
    private const int MaxSpare = 256;
    private const int MaxSpareWhenQuiet = 4;

    private readonly Stack<SentPacket> _spare = new();
    private SentPacket?[] _ring = [];
    private long _first;
    private long _end;

    public int Count { get; private set; }

    /// <summary>How many packets are kept for use or have room in the ring.</summary>
    internal int KeptCount => _ring.Length + _spare.Count;

    /// <summary>The lowest packet number that can be in flight.</summary>
    public long First => _first;

    /// <summary>One more than the highest packet number that can be in flight.</summary>
    public long End => _end;

    /// <summary>Makes an empty packet, from the spare ones where possible.</summary>
    public SentPacket Rent(NetworkPath path)
    {
        if (!_spare.TryPop(out var packet))
            return new SentPacket { Path = path };
        packet.Path = path;
        packet.IsMtuProbe = false;
        return packet;
    }

    /// <summary>Gives back a packet that is not in flight (any more).</summary>
    public void Return(SentPacket packet)
    {
        packet.Frames.Clear();
        if (_spare.Count < MaxSpare)
            _spare.Push(packet);
    }

    public void Add(SentPacket packet)
    {
        if (Count == 0)
            _first = packet.Number;
        Debug.Assert(Count == 0 || packet.Number >= _end, "packet numbers rise");
        while (packet.Number - _first >= _ring.Length)
            Grow();
        _ring[Index(packet.Number)] = packet;
        _end = packet.Number + 1;
        Count++;
    }

    public SentPacket? Get(long number) => number < _first || number >= _end ? null : _ring[Index(number)];

    /// <summary>Takes a packet out of flight; the caller returns it when done.</summary>
    public void Remove(SentPacket packet)
    {
        _ring[Index(packet.Number)] = null;
        Count--;
        while (_first < _end && _ring[Index(_first)] is null)
            _first++;
    }

    /// <summary>Gives memory back that a burst left behind; does nothing while packets are in flight.</summary>
    public void Trim()
    {
        if (Count > 0 || (_ring.Length <= InitialCapacity && _spare.Count <= MaxSpareWhenQuiet))
            return;
        _ring = [];
        while (_spare.Count > MaxSpareWhenQuiet)
            _spare.Pop();
        _spare.TrimExcess();
    }

    /// <summary>Forgets everything: the space is over.</summary>
    public void Release()
    {
        (_ring, Count, _first) = ([], 0, _end);
        _spare.Clear();
        _spare.TrimExcess();
    }

    private int Index(long number) => (int)(number & (_ring.Length - 1));

    private void Grow()
    {
        var old = _ring;
        _ring = new SentPacket?[Math.Max(InitialCapacity, old.Length * 2)];
        for (var number = _first; number < _end; number++)
            _ring[Index(number)] = old[(int)(number & (old.Length - 1))];
    }
}
