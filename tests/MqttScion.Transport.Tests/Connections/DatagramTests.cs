namespace MqttScion.Transport.Tests;

/// <summary>Unreliable datagrams (RFC 9221).</summary>
public sealed class DatagramTests(TransportWorld world) : IClassFixture<TransportWorld>
{
    [Theory]
    [InlineData(Underlay.Scion)]
    [InlineData(Underlay.IP)]
    public async Task Datagrams_travel_both_ways_up_to_the_largest(Underlay underlay)
    {
        await using var pair = await PairAsync(underlay, waiting: 16);
        await Waiting.ConditionAsync(() => pair.Client.MaxDatagramBytes > 0 && pair.Server.MaxDatagramBytes > 0);
        pair.Client.MaxDatagramBytes.Should().BeGreaterThan(1000);

        await ExpectArrivalAsync(pair.Client, pair.Server, new byte[] { 1, 2, 3 });
        await ExpectArrivalAsync(pair.Server, pair.Client, new byte[] { 4 });
        await ExpectArrivalAsync(pair.Client, pair.Server, new byte[pair.Client.MaxDatagramBytes]);
    }

    [Fact]
    public async Task Datagram_that_is_too_long_is_not_sent()
    {
        await using var pair = await PairAsync(Underlay.IP, waiting: 1);
        await Waiting.ConditionAsync(() => pair.Client.MaxDatagramBytes > 0);

        pair.Client.TrySendDatagram(new byte[4096]).Should().BeFalse();
    }

    [Fact]
    public async Task Datagrams_that_nobody_takes_in_time_are_dropped()
    {
        await using var pair = await PairAsync(Underlay.IP, waiting: 2);
        await Waiting.ConditionAsync(() => pair.Client.MaxDatagramBytes > 0);
        var counted = pair.Server.Statistics.Collect();

        for (byte i = 1; i <= 20; i++)
        {
            pair.Client.TrySendDatagram([i]).Should().BeTrue();
        }
        var (opened, _) = await pair.OpenAsync();
        await opened.WriteAsync(new byte[1]);
        pair.Client.Abort(0);
        await pair.Server.Ended.InTime();

        var taken = new List<byte>();
        var take = async () =>
        {
            while (true)
            {
                taken.Add((await pair.Server.ReceiveDatagramAsync().InTime()).Span[0]);
            }
        };
        await take.Should().ThrowAsync<QuicConnectionException>();
        taken.Should().HaveCountLessThanOrEqualTo(2).And.BeInAscendingOrder();
        (await counted.ReadAllAsync().LastAsync()).Quic.ReceivedPackets.Should().BeGreaterThan(0);
    }

    [Fact]
    public async Task End_that_takes_no_datagrams_gets_none_and_says_so()
    {
        await using var pair = await PairAsync(Underlay.IP, waiting: 0);

        pair.Client.MaxDatagramBytes.Should().Be(0);
        pair.Client.TrySendDatagram([1]).Should().BeFalse();
        await FluentActions.Awaiting(() => pair.Server.ReceiveDatagramAsync().InTime())
            .Should().ThrowAsync<InvalidOperationException>().WithMessage("*MaxWaitingDatagrams*");
    }

    [Fact]
    public async Task Waiting_for_a_datagram_ends_with_its_cancellation_and_with_the_connection()
    {
        await using var pair = await PairAsync(Underlay.IP, waiting: 4);
        using var cancellation = new CancellationTokenSource();
        var givenUp = pair.Server.ReceiveDatagramAsync(cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await FluentActions.Awaiting(() => givenUp.InTime()).Should().ThrowAsync<OperationCanceledException>();

        var waiting = pair.Server.ReceiveDatagramAsync().AsTask();
        pair.Client.Abort(6);

        var failure = await FluentActions.Awaiting(() => waiting.InTime())
            .Should().ThrowAsync<QuicConnectionException>();
        failure.Which.Close.ErrorCode.Should().Be(6);
        pair.Server.TrySendDatagram([1]).Should().BeFalse();
    }

    // A datagram may be lost also on loopback.
    private static async Task ExpectArrivalAsync(ScionQuicConnection from, ScionQuicConnection to, byte[] datagram)
    {
        using var end = new CancellationTokenSource(TransportWorld.Patience);
        var arrival = to.ReceiveDatagramAsync(end.Token).AsTask();
        while (!arrival.IsCompleted)
        {
            from.TrySendDatagram(datagram);
            await Task.WhenAny(arrival, Task.Delay(TimeSpan.FromMilliseconds(500), end.Token));
        }
        (await arrival).ToArray().Should().Equal(datagram);
    }

    private Task<ConnectionPair> PairAsync(Underlay underlay, int waiting) => world.PairAsync(
        underlay, server => server.MaxWaitingDatagrams = waiting, client => client.MaxWaitingDatagrams = waiting);
}
