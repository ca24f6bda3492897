namespace MqttScion.Quic.Tests;

public class StatelessResetTests
{
    [Fact]
    public void Server_that_started_again_ends_the_connections_that_it_lost()
    {
        var key = Transfer.RandomBytes(32, seed: 1);
        using var pair = new QuicPair(1, settings => settings.ServerOptions.StatelessResetKey = key).Connect();
        using var restarted = new QuicEndpoint(
            pair.Settings.Tls, pair.Settings.Protectors, pair.Settings.ServerOptions, true, new SeededRandom(9));
        byte[] sent = [];
        pair.Tap = (_, _, bytes) =>
        {
            sent = bytes;
            return false;
        };
        pair.Client.TryOpenStream(true, out var stream).Should().BeTrue();
        stream!.Write(new byte[100]);
        pair.Flush();

        pair.TryAccept(restarted, sent, 0, out _, out var reset).Should().BeFalse();

        reset.Length.Should().BeInRange(21, sent.Length - 1);
        (reset[0] & 0xc0).Should().Be(0x40);
        pair.ClientEndpoint.TryRoute(reset, out var routed).Should().BeTrue();
        routed!.Receive(reset, 0, EcnCodepoint.NotEct, pair.Now);
        pair.Client.CloseReason!.Kind.Should().Be(QuicCloseKind.StatelessReset);
    }

    [Fact]
    public void Reset_of_another_key_ends_nothing()
    {
        using var pair = new QuicPair().Connect();
        using var stranger = new QuicEndpoint(
            pair.Settings.Tls, pair.Settings.Protectors, new QuicOptions(), true, new SeededRandom(99));
        byte[] trigger = [0x40, .. pair.Server!.LocalIds.Initial.Id.ToArray(), .. new byte[60]];

        pair.TryAccept(stranger, trigger, 0, out _, out var reset).Should().BeFalse();

        reset.Should().NotBeEmpty();
        pair.ClientEndpoint.TryRoute(reset, out _).Should().BeFalse();
        pair.Client.Receive(reset, 0, EcnCodepoint.NotEct, pair.Now).Should().BeFalse();
        pair.Client.CloseReason.Should().BeNull();
    }

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    [InlineData(43)]
    [InlineData(44)]
    [InlineData(100)]
    [InlineData(1400)]
    public void Reset_is_smaller_than_what_it_answers(int triggerBytes)
    {
        using var pair = new QuicPair();
        var trigger = Transfer.RandomBytes(triggerBytes, seed: triggerBytes);
        trigger[0] = 0x40;

        for (var count = 0; count < 50; count++)
        {
            pair.TryAccept(pair.ServerEndpoint, trigger, 0, out _, out var reset).Should().BeFalse();
            reset.Length.Should().BeLessThan(triggerBytes);
            if (triggerBytes > 21)
                reset.Length.Should().BeGreaterThanOrEqualTo(21);
        }
    }

    [Fact]
    public void Endpoints_that_reset_each_other_come_to_an_end()
    {
        using var pair = new QuicPair();
        var datagram = Transfer.RandomBytes(1200, seed: 1);
        datagram[0] = 0x40;

        var rounds = 0;
        while (datagram.Length > 0 && rounds < 1000)
        {
            var endpoint = rounds++ % 2 == 0 ? pair.ServerEndpoint : pair.ClientEndpoint;
            pair.TryAccept(endpoint, datagram, 0, out _, out datagram);
        }

        rounds.Should().BeLessThan(60);
    }

    [Fact]
    public void Resets_are_limited_in_number_and_come_back_with_time()
    {
        using var pair = new QuicPair();
        var trigger = Transfer.RandomBytes(100, seed: 1);
        trigger[0] = 0x40;

        Resets(pair, trigger, 1000).Should().Be(StatelessResets.MaxPerSecond);
        pair.Run(TimeSpan.FromMilliseconds(500));
        Resets(pair, trigger, 1000).Should().BeCloseTo(StatelessResets.MaxPerSecond / 2, 2);
    }

    private static int Resets(QuicPair pair, byte[] trigger, int count)
    {
        var resets = 0;
        for (var index = 0; index < count; index++)
        {
            pair.TryAccept(pair.ServerEndpoint, trigger, 0, out _, out var reset);
            resets += reset.Length > 0 ? 1 : 0;
        }

        return resets;
    }
}
