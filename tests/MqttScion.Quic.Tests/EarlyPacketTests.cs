namespace MqttScion.Quic.Tests;

/// <summary>Packets that come before their keys do.</summary>
public class EarlyPacketTests
{
    [Fact]
    public void Data_that_overtakes_the_end_of_the_handshake_is_read_when_the_keys_come()
    {
        using var pair = new QuicPair();
        List<byte[]> held = [];
        pair.Tap = (fromServer, _, bytes) =>
        {
            if (fromServer || pair.Server is null)
                return true;
            held.Add(bytes.ToArray());
            return false;
        };
        pair.RunUntil(() => pair.Client.State == QuicConnectionState.Connected).Should().BeTrue();
        pair.Client.TryOpenStream(true, out var stream).Should().BeTrue();
        pair.Flush();
        var handshake = held.ToArray();
        held.Clear();
        stream!.Write([1, 2, 3]);
        pair.Flush();
        held.Should().NotBeEmpty();
        var dropped = pair.Server!.Statistics.DroppedPackets;

        foreach (var data in held)
            pair.Server.Receive(data, 0, EcnCodepoint.NotEct, pair.Now).Should().BeFalse();
        pair.Server.Statistics.DroppedPackets.Should().Be(dropped);
        foreach (var packet in handshake)
            pair.Server.Receive(packet, 0, EcnCodepoint.NotEct, pair.Now);

        pair.Server.TryGetStream(0, out var received).Should().BeTrue();
        received!.ReadableBytes.Should().Be(3);
    }

    [Fact]
    public void Handshake_packets_that_overtake_the_first_Initial_are_read()
    {
        using var pair = new QuicPair();
        byte[] flight = [];
        pair.Tap = (fromServer, _, bytes) =>
        {
            if (!fromServer || flight.Length > 0)
                return !fromServer;
            flight = bytes.ToArray();
            return false;
        };
        pair.RunUntil(() => flight.Length > 0).Should().BeTrue();
        PacketHeader.TryRead(flight, 8, out var header).Should().BeTrue();

        var initial = flight.AsSpan(0, header.PacketLength).ToArray();
        var handshake = flight.AsSpan(header.PacketLength).ToArray();
        pair.Client.Receive(handshake, 0, EcnCodepoint.NotEct, pair.Now).Should().BeFalse();
        pair.Client.Receive(initial, 0, EcnCodepoint.NotEct, pair.Now).Should().BeTrue();

        pair.Client.State.Should().Be(QuicConnectionState.Connected);
    }

    [Fact]
    public void Packets_beyond_the_bound_are_dropped()
    {
        using var pair = new QuicPair();
        pair.Tap = static (fromServer, _, bytes) => fromServer || bytes[0] >> 4 == 0x0c;
        pair.RunUntil(() => pair.Client.State == QuicConnectionState.Connected).Should().BeTrue();
        var dropped = pair.Server!.Statistics.DroppedPackets;

        for (var number = 0; number < 100; number++)
            pair.Server.Receive(
                PacketForge.OneRtt(pair, toServer: true, number, [1]), 0, EcnCodepoint.NotEct, pair.Now);

        (pair.Server.Statistics.DroppedPackets - dropped).Should().Be(100 - EarlyPackets.MaxPackets);
    }
}
