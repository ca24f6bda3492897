namespace MqttScion.Quic.Tests;

public class TransferTests
{
    private const int SeedCount = 12;

    public static IEnumerable<object[]> Seeds => Enumerable.Range(1, SeedCount).Select(seed => new object[] { seed });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Echo_on_a_bad_link_returns_the_bytes(int seed)
    {
        using var pair = new QuicPair(seed, settings => settings.Tls.PaddingBytes = 3000);
        Spoil(pair.Links[0], loss: 0.1);
        pair.Connect();
        pair.EchoOnServer();
        var data = Transfer.RandomBytes(200_000, seed);

        pair.Echo(data, TimeSpan.FromMinutes(10)).Should().Equal(data);
    }

    [Fact]
    public void Echo_of_4_MB_on_a_bad_link_returns_the_bytes()
    {
        using var pair = new QuicPair(99).Connect();
        pair.EchoOnServer();
        Spoil(pair.Links[0], loss: 0.1);
        var data = Transfer.RandomBytes(4 * 1024 * 1024, seed: 4);

        var echo = pair.Echo(data, TimeSpan.FromHours(2));

        echo.Length.Should().Be(data.Length);
        echo.AsSpan().SequenceEqual(data).Should().BeTrue();
        pair.Client.Statistics.LostPackets.Should().BePositive();
        pair.Client.Statistics.BytesInFlight.Should().BeLessThan(QuicPair.DatagramBytes * 4);
    }

    [Fact]
    public void Write_of_much_data_leaves_in_flights_of_equal_datagrams()
    {
        using var pair = new QuicPair().Connect();
        pair.EchoOnServer();
        pair.Echo(Transfer.RandomBytes(300_000, seed: 2)).Length.Should().Be(300_000);
        pair.Client.TryOpenStream(true, out var stream).Should().BeTrue();
        stream!.Write(Transfer.RandomBytes(100_000, seed: 3)).Should().Be(100_000);
        var room = new byte[64 * 1024];

        pair.Client.TryTransmit(room, 8, pair.Now, out var transmit).Should().BeTrue();

        transmit.SegmentCount.Should().Be(8);
        transmit.SegmentSize.Should().Be(QuicPair.DatagramBytes);
        transmit.Length.Should().Be(8 * (QuicPair.DatagramBytes + QuicPair.Headroom));
    }

    [Fact]
    public void Streams_in_both_directions_at_once_carry_their_own_bytes()
    {
        using var pair = new QuicPair(5).Connect();
        Spoil(pair.Links[0], loss: 0.05);
        var received = new Dictionary<(bool, long), MemoryStream>();
        pair.OnEvent += (fromServer, item) =>
        {
            var owner = fromServer ? pair.Server! : pair.Client;
            if (item.Kind != QuicEventKind.StreamReadable || !owner.TryGetStream(item.StreamId, out var stream))
                return;
            var log = received.TryGetValue((fromServer, item.StreamId), out var known) ? known : new MemoryStream();
            received[(fromServer, item.StreamId)] = log;
            var buffer = new byte[4096];
            while (stream.Read(buffer) is > 0 and var length)
                log.Write(buffer, 0, length);
        };
        var sent = new Dictionary<(bool, long), byte[]>();
        for (var index = 0; index < 10; index++)
        {
            foreach (var owner in new[] { pair.Client, pair.Server! })
            {
                owner.TryOpenStream(true, out var stream).Should().BeTrue();
                var data = Transfer.RandomBytes(50_000 + index, index);
                stream!.Write(data).Should().Be(data.Length);
                stream.Finish();
                sent[(!owner.IsServer, stream.Id)] = data;
            }
        }

        pair.RunUntil(() => sent.All(item =>
            received.TryGetValue(item.Key, out var log) && log.Length == item.Value.Length)).Should().BeTrue();

        foreach (var (key, data) in sent)
            received[key].ToArray().AsSpan().SequenceEqual(data).Should().BeTrue();
    }

    private static void Spoil(Link link, double loss)
    {
        link.Loss = loss;
        link.Reorder = 0.1;
        link.Duplication = 0.05;
        link.Corruption = 0.02;
    }
}
