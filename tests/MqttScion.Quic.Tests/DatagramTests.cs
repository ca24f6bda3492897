namespace MqttScion.Quic.Tests;

/// <summary>Unreliable datagrams (RFC 9221).</summary>
public class DatagramTests
{
    [Fact]
    public void Datagram_arrives_whole()
    {
        using var pair = Pair().Connect();
        var data = Transfer.RandomBytes(700, seed: 1);

        pair.Client.TrySendDatagram(data).Should().BeTrue();
        pair.Run(TimeSpan.FromMilliseconds(100));

        pair.ServerEvents.Should().ContainSingle(item => item.Kind == QuicEventKind.DatagramReceived);
        var room = new byte[2000];
        pair.Server!.TryReceiveDatagram(room, out var length).Should().BeTrue();
        room[..length].Should().Equal(data);
        pair.Server.TryReceiveDatagram(room, out _).Should().BeFalse();
    }

    [Fact]
    public void Largest_datagram_fits_and_one_byte_more_does_not()
    {
        using var pair = Pair().Connect();
        pair.Run(TimeSpan.FromMilliseconds(100));
        var most = pair.Client.MaxDatagramPayloadBytes;
        most.Should().BeInRange(QuicPair.DatagramBytes - 40, QuicPair.DatagramBytes - 20);

        pair.Client.TrySendDatagram(new byte[most + 1]).Should().BeFalse();
        pair.Client.TrySendDatagram(new byte[most]).Should().BeTrue();
        pair.Run(TimeSpan.FromMilliseconds(100));

        pair.Server!.TryReceiveDatagram(new byte[2000], out var length).Should().BeTrue();
        length.Should().Be(most);
    }

    [Fact]
    public void Peer_that_offers_nothing_gets_none()
    {
        using var pair = new QuicPair().Connect();

        pair.Client.MaxDatagramPayloadBytes.Should().Be(0);
        pair.Client.TrySendDatagram([1]).Should().BeFalse();
        pair.Client.TrySendDatagram([]).Should().BeFalse();
    }

    [Fact]
    public void Frame_above_what_was_offered_closes_with_a_protocol_violation()
    {
        using var pair = new QuicPair(1, static settings => settings.ServerOptions.MaxDatagramFrameBytes = 100)
            .Connect();
        pair.Client.MaxDatagramPayloadBytes.Should().Be(97);

        pair.Server!.Receive(
            PacketForge.OneRtt(pair, true, 5000, [0x31, 0x40, 97, .. new byte[97]]), 0, EcnCodepoint.NotEct, pair.Now);
        pair.Server.CloseReason.Should().BeNull();
        pair.Server.Receive(
            PacketForge.OneRtt(pair, true, 5001, [0x31, 0x40, 98, .. new byte[98]]), 0, EcnCodepoint.NotEct, pair.Now);

        pair.Server.CloseReason!.ErrorCode.Should().Be((ulong)QuicError.ProtocolViolation);
    }

    [Fact]
    public void Queues_are_bounded_on_both_sides()
    {
        using var pair = Pair().Connect();
        var sent = 0;
        while (pair.Client.TrySendDatagram([1, 2, 3]))
            sent++;
        sent.Should().Be(64);
        pair.Run(TimeSpan.FromMilliseconds(100));
        pair.Client.TrySendDatagram([4]).Should().BeTrue();
        pair.Run(TimeSpan.FromMilliseconds(100));

        var read = 0;
        while (pair.Server!.TryReceiveDatagram(new byte[9], out _))
            read++;

        read.Should().Be(64);
        pair.Server.Statistics.DroppedDatagrams.Should().Be(1);
    }

    [Fact]
    public void Datagram_that_is_lost_is_not_sent_again()
    {
        using var pair = Pair().Connect();
        pair.Run(TimeSpan.FromMilliseconds(100));
        pair.Links[0].IsDown = true;
        pair.Client.TrySendDatagram([1]).Should().BeTrue();
        pair.Flush();
        pair.Links[0].IsDown = false;

        pair.Run(TimeSpan.FromSeconds(10));

        pair.Server!.TryReceiveDatagram(new byte[9], out _).Should().BeFalse();
        pair.Client.Statistics.BytesInFlight.Should().Be(0);
    }

    [Fact]
    public void Datagrams_and_streams_share_a_connection_on_a_bad_link()
    {
        using var pair = Pair(3).Connect();
        pair.Links[0].Loss = 0.05;
        pair.Links[0].Reorder = 0.2;
        pair.EchoOnServer();
        var received = 0;
        var sent = 0;
        pair.OnEvent += (fromServer, item) =>
        {
            while (fromServer && item.Kind == QuicEventKind.DatagramReceived &&
                pair.Server!.TryReceiveDatagram(new byte[2000], out _))
                received++;
        };
        var data = Transfer.RandomBytes(200_000, seed: 1);
        pair.Tap = (fromServer, _, _) =>
        {
            if (!fromServer && sent < 300 && pair.Client.TrySendDatagram(new byte[500]))
                sent++;
            return true;
        };

        pair.Echo(data).AsSpan().SequenceEqual(data).Should().BeTrue();
        received.Should().BeInRange(sent * 8 / 10, sent);
    }

    private static QuicPair Pair(int seed = 1) => new(seed, static settings =>
    {
        settings.ClientOptions.MaxDatagramFrameBytes = 65535;
        settings.ServerOptions.MaxDatagramFrameBytes = 65535;
    });
}
