using System.Diagnostics;

namespace MqttScion.Udp;

/// <summary>Room for the datagrams of one receive call; made once and filled again and again.</summary>
/// <remarks>
/// Its memory is bounded: slots times slot size, reserved at once, but only what datagrams touch is ever backed by real
/// memory (for 1,400-byte datagrams that is one page a slot). Not for several threads at a time.
/// </remarks>
public sealed class UdpReceiveBatch
{
    /// <summary>The room that takes any datagram, in bytes.</summary>
    public const int MaxDatagramBytes = 65535;

    private const int CacheLineBytes = 64;

    private readonly byte[] _bytes;
    private readonly Slot[] _slots;
    private readonly int _stride;
    private UdpNative.ReceiveSlots? _nativeSlots;
    private int _filled;
    private int _taken;
    private int _offset;

    /// <summary>Makes an empty batch.</summary>
    /// <param name="slotCount">The most that one call takes from the socket: 1 to 1024.</param>
    /// <param name="slotBytes">Room for each in bytes: 1 to 65535, which takes any datagram whole. With full room, a
    /// socket may put many datagrams of one sender into one slot (UDP_GRO).</param>
    public UdpReceiveBatch(int slotCount, int slotBytes = MaxDatagramBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(slotCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(slotCount, 1024);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(slotBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(slotBytes, MaxDatagramBytes);
        SlotBytes = slotBytes;
        // One cache line more than needed: slots a power of two apart would compete for the same places in the cache.
        _stride = (slotBytes + CacheLineBytes - 1) / CacheLineBytes * CacheLineBytes + CacheLineBytes;
        _bytes = GC.AllocateUninitializedArray<byte>(slotCount * _stride, pinned: true);
        _slots = new Slot[slotCount];
    }

    /// <summary>The room of each slot in bytes.</summary>
    public int SlotBytes { get; }

    /// <summary>The bytes that all slots take together.</summary>
    public int MemoryBytes => _bytes.Length;

    /// <summary>True when a datagram is left to take.</summary>
    public bool HasDatagrams => _taken < _filled;

    internal int SlotCount => _slots.Length;

    internal bool HasRoom => _filled < _slots.Length;

    internal UdpNative.ReceiveSlots NativeSlots => _nativeSlots ??= new UdpNative.ReceiveSlots(this);

    /// <summary>Gives the datagrams in the order in which they came, each once.</summary>
    /// <param name="datagram">The next one; good until the batch is filled again.</param>
    /// <returns>False when all were taken.</returns>
    public bool TryTake(out UdpDatagram datagram)
    {
        datagram = default;
        if (!HasDatagrams)
            return false;
        ref readonly var slot = ref _slots[_taken];
        var left = slot.Length - _offset;
        var length = slot.SegmentSize > 0 ? Math.Min(slot.SegmentSize, left) : left;
        datagram = new UdpDatagram
        {
            Bytes = _bytes.AsSpan(_taken * _stride + _offset, length),
            Sender = slot.Sender,
            Ecn = slot.Ecn,
            IsTruncated = slot.IsTruncated && length == left,
        };
        _offset += length;
        if (_offset >= slot.Length)
            (_taken, _offset) = (_taken + 1, 0);
        return true;
    }

    internal void Clear() => (_filled, _taken, _offset) = (0, 0, 0);

    /// <summary>The room of a slot, counted from the first that is not filled.</summary>
    internal Span<byte> Room(int index) => _bytes.AsSpan((_filled + index) * _stride, SlotBytes);

    /// <summary>Says what the next slot now holds.</summary>
    /// <param name="length">The datagram's length; above the room when it was cut.</param>
    /// <param name="sender">Where it came from.</param>
    /// <param name="ecn">Its ECN field.</param>
    /// <param name="segmentSize">The size of each datagram when the slot holds several of one sender, else 0.</param>
    internal void Fill(int length, in UdpAddress sender, UdpEcn ecn = UdpEcn.NotEct, int segmentSize = 0)
    {
        Debug.Assert(_taken == 0 && _filled < _slots.Length, "A batch is filled first and then taken from.");
        _slots[_filled++] = new Slot
        {
            Length = Math.Min(length, SlotBytes),
            SegmentSize = segmentSize,
            Sender = sender,
            Ecn = ecn,
            IsTruncated = length > SlotBytes,
        };
    }

    private struct Slot
    {
        internal int Length;
        internal int SegmentSize;
        internal UdpAddress Sender;
        internal UdpEcn Ecn;
        internal bool IsTruncated;
    }
}
