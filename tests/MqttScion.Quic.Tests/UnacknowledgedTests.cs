namespace MqttScion.Quic.Tests;

/// <summary>A peer that acknowledges nothing: what is remembered of packets in flight stays bounded.</summary>
public class UnacknowledgedTests
{
    private const long FreshNumber = 5000;

    [Fact]
    public void Path_challenges_are_not_answered_without_end()
    {
        const int challenges = 500;
        using var pair = Mute();
        byte[] frame = [(byte)FrameType.PathChallenge, 1, 2, 3, 4, 5, 6, 7, 8];

        for (var number = FreshNumber; number < FreshNumber + challenges; number++)
        {
            var packet = PacketForge.OneRtt(pair, toServer: true, number, frame);
            pair.Server!.Receive(packet, 0, EcnCodepoint.NotEct, pair.Now).Should().BeTrue();
            pair.Flush();
        }

        var path = pair.Server!.Paths.All.Single();
        path.BytesInFlight.Should().BeGreaterThan(path.Congestion.WindowBytes, "a full window is no reason to wait")
            .And.BeLessThan(path.Congestion.WindowBytes + 64 * 1024);
    }

    [Fact]
    public void Ring_does_not_grow_with_packets_that_only_acknowledge()
    {
        const int acknowledgements = 1_000_000;
        using var pair = Mute();
        var server = pair.Server!;
        server.TryOpenStream(true, out var stream).Should().BeTrue();
        stream!.Write([1]);
        pair.Flush();
        server.Spaces[(int)SpaceId.Application].NextNumber += acknowledgements;

        stream.Write([2]);
        pair.Run(TimeSpan.FromMinutes(1));

        server.SentPacketCapacity.Should().BeLessThan(acknowledgements / 4);
        server.State.Should().Be(QuicConnectionState.Connected);
        server.NextTimeout!.Value.Should().BeGreaterThan(pair.Now);
    }

    [Fact]
    public void Probe_timeouts_that_nothing_can_be_sent_at_stay_apart()
    {
        using var pair = Mute();
        var server = pair.Server!;
        server.TryOpenStream(true, out var stream).Should().BeTrue();
        stream!.Write([1]);
        pair.Flush();

        var now = pair.Now;
        for (var count = 0; count < 30; count++) // Ten of them for the silence of the path.
        {
            now = server.NextTimeout!.Value;
            server.OnTimeout(now);
            server.NextTimeout!.Value.Should().BeGreaterThan(now);
        }

        server.Statistics.ProbeTimeouts.Should().BeGreaterThan(15);
    }

    // From the end of the handshake on, nothing of the client arrives, and nothing ends the connection.
    private static QuicPair Mute()
    {
        var pair = new QuicPair(1, static settings =>
        {
            foreach (var options in new[] { settings.ClientOptions, settings.ServerOptions })
                (options.IdleTimeout, options.KeepAliveInterval) = (TimeSpan.Zero, TimeSpan.Zero);
        }).Connect();
        pair.Run(TimeSpan.FromSeconds(1));
        pair.Tap = static (fromServer, _, _) => fromServer;
        return pair;
    }
}
