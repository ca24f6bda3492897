namespace MqttScion.Quic.Tests;

public class GreaseTests
{
    [Fact]
    public void Transport_parameters_hold_one_without_a_meaning_which_differs_each_time()
    {
        var ids = new HashSet<ulong>();
        for (var seed = 0; seed < 10; seed++)
        {
            using var pair = new QuicPair(seed, settings => settings.Tls.Rewrite = (_, encoded) =>
            {
                ids.Add(Unknown(encoded));
                return encoded;
            });
            pair.Connect();
        }

        ids.Should().HaveCountGreaterThan(5);
        ids.Should().OnlyContain(static id => id % 31 == 27);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void The_QUIC_bit_is_random_towards_a_peer_that_takes_it(bool clientGreases, bool serverGreases)
    {
        using var pair = new QuicPair(1, settings =>
        {
            settings.ClientOptions.GreaseQuicBit = clientGreases;
            settings.ServerOptions.GreaseQuicBit = serverGreases;
        });
        var (sent, cleared) = (0, 0);
        pair.Tap = (_, _, datagram) =>
        {
            sent++;
            if ((datagram[0] & PacketHeader.FixedBit) == 0)
                cleared++;
            return true;
        };
        pair.EchoOnServer();
        pair.Connect();
        var data = Transfer.RandomBytes(300_000, 1);

        pair.Echo(data, TimeSpan.FromMinutes(1)).AsSpan().SequenceEqual(data).Should().BeTrue();

        pair.Client.Statistics.DroppedPackets.Should().Be(0);
        pair.Server!.Statistics.DroppedPackets.Should().Be(0);
        if (clientGreases && serverGreases)
            cleared.Should().BeInRange(sent / 4, sent * 3 / 4);
        else
            cleared.Should().Be(0);
    }

    [Fact]
    public void The_first_packets_have_the_QUIC_bit_for_peers_that_know_no_other()
    {
        using var pair = new QuicPair(1);
        var isFirst = true;
        pair.Tap = (_, _, datagram) =>
        {
            if (isFirst)
                (datagram[0] & PacketHeader.FixedBit).Should().NotBe(0);
            isFirst = false;
            return true;
        };

        pair.Connect();
    }

    private static ulong Unknown(byte[] encoded)
    {
        var reader = new ByteReader(encoded);
        var found = 0UL;
        while (reader.TryReadVarInt(out var id) && reader.TryReadPrefixed(out _))
        {
            if (!Enum.IsDefined((TransportParameterId)id))
                found = id;
        }

        return found;
    }
}
