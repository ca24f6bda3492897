using System.Diagnostics;

namespace MqttScion.Quic;

/// <summary>The packets in flight of one space: a ring that is indexed by packet number.</summary>
/// <remarks>Packets that only acknowledge are not in flight and leave holes.</remarks>
internal sealed class SentPackets(SentPacketPool pool)
{
    private const int InitialCapacity = 8;

    // What the probes of a quiet connection need stays: they would only make it again.
    private const int KeptCapacity = 64;

    /// <summary>How far packet numbers in flight can be apart: 150 MB of data, and 1 MB of ring.</summary>
    private const int MaxSpan = 1 << 17;

    private SentPacket?[] _ring = [];
    private long _first;
    private long _end;

    public int Count { get; private set; }

    /// <summary>How many packets have room in the ring.</summary>
    internal int Capacity => _ring.Length;

    /// <summary>The lowest packet number that can be in flight.</summary>
    public long First => _first;

    /// <summary>One more than the highest packet number that can be in flight.</summary>
    public long End => _end;

    /// <summary>
    /// Whether a packet of this number can be added. It can't when the peer has acknowledged nothing for long, while
    /// packets that only acknowledge made the numbers rise.
    /// </summary>
    public bool HasRoom(long number) => Count == 0 || number - _first < MaxSpan;

    /// <summary>Makes an empty packet, from the spare ones where possible.</summary>
    public SentPacket Rent(NetworkPath path) => pool.Rent(path);

    /// <summary>Gives back a packet that is not in flight (any more).</summary>
    public void Return(SentPacket packet) => pool.Return(packet);

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
        if (Count == 0 && _ring.Length > KeptCapacity)
            _ring = [];
    }

    /// <summary>Forgets everything: the space is over.</summary>
    public void Release() => (_ring, Count, _first) = ([], 0, _end);

    private int Index(long number) => (int)(number & (_ring.Length - 1));

    private void Grow()
    {
        var old = _ring;
        _ring = new SentPacket?[Math.Max(InitialCapacity, old.Length * 2)];
        for (var number = _first; number < _end; number++)
            _ring[Index(number)] = old[(int)(number & (old.Length - 1))];
    }
}
