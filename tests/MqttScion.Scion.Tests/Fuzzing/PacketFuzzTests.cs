using Xunit.Abstractions;

namespace MqttScion.Scion.Tests;

/// <summary>
/// Bad packets: no exception, no byte from outside the packet in what is read, no allocation by the reader.
/// </summary>
public class PacketFuzzTests(ITestOutputHelper output)
{
    private const int GuardLength = 64;

    // What the runtime makes once is made before allocations are counted.
    private static readonly ulong WarmUp = PacketCorpus.Packets
        .Select(packet => PacketProbe.ReadAll(packet, out _)).Aggregate((a, b) => a ^ b);

    private readonly byte[] _guarded = new byte[PacketMutation.MaxLength + 2 * GuardLength];
    private readonly byte[] _packet = new byte[PacketMutation.MaxLength];

    [Fact]
    public void Truncation_at_every_length_is_an_error_and_never_throws()
    {
        foreach (var packet in PacketCorpus.Packets)
        {
            Probe(packet).Should().BeTrue();
            for (var length = 0; length < packet.Length; length++)
            {
                Probe(packet.AsSpan(0, length)).Should().BeFalse();
                Probe(packet.AsSpan(length));
            }
        }
    }

    [Fact]
    public void Flip_of_every_single_bit_never_throws()
    {
        foreach (var packet in PacketCorpus.Packets)
        {
            var altered = packet.ToArray();
            for (var bit = 0; bit < packet.Length * 8; bit++)
            {
                altered[bit / 8] ^= (byte)(1 << (bit % 8));
                Probe(altered);
                altered[bit / 8] ^= (byte)(1 << (bit % 8));
            }
        }
    }

    [Fact]
    public void Mutated_packets_are_read_or_refused()
    {
        long accepted = 0;
        FuzzBudget.Run(
            "packets",
            output.WriteLine,
            seed =>
            {
                var packet = _packet.AsSpan(0, PacketMutation.Make(seed, PacketCorpus.Packets, _packet));
                if (!Probe(packet))
                    return;
                accepted++;
                PacketAnswer.Check(packet);
            },
            seed => _packet[..PacketMutation.Make(seed, PacketCorpus.Packets, _packet)]);
        output.WriteLine($"accepted: {accepted}");
    }

    /// <summary>Reads a packet between two different fillings: what lies beside it must not show.</summary>
    private bool Probe(ReadOnlySpan<byte> packet)
    {
        _ = WarmUp;
        var allocatedBefore = GC.GetAllocatedBytesForCurrentThread();
        var first = Read(packet, filling: 0x00, out var isPacket);
        var second = Read(packet, filling: 0xff, out _);
        var allocates = GC.GetAllocatedBytesForCurrentThread() != allocatedBefore && AllocatesEachTime(packet);
        if (first != second || allocates)
        {
            var hex = Convert.ToHexStringLower(packet);
            Assert.Fail($"Reads past the end: {first != second}; allocates: {allocates}: {hex}");
        }
        return isPacket;
    }

    // A collection that another test brings about moves the count of this thread too, but not again and again.
    private bool AllocatesEachTime(ReadOnlySpan<byte> packet)
    {
        for (var i = 0; i < 10; i++)
        {
            var allocatedBefore = GC.GetAllocatedBytesForCurrentThread();
            Read(packet, filling: 0x00, out _);
            if (GC.GetAllocatedBytesForCurrentThread() == allocatedBefore)
                return false;
        }
        return true;
    }

    private ulong Read(ReadOnlySpan<byte> packet, byte filling, out bool isPacket)
    {
        var room = _guarded.AsSpan(0, packet.Length + 2 * GuardLength);
        room[..GuardLength].Fill(filling);
        room[^GuardLength..].Fill(filling);
        packet.CopyTo(room[GuardLength..]);
        return PacketProbe.ReadAll(room.Slice(GuardLength, packet.Length), out isPacket);
    }
}
