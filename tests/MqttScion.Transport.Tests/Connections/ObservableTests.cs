using MqttScion.Scion;

namespace MqttScion.Transport.Tests;

/// <summary>What a connection tells of itself, and what its observers can't do to it.</summary>
public sealed class ObservableTests(TransportWorld world) : IClassFixture<TransportWorld>
{
    [Theory]
    [InlineData(Underlay.Scion)]
    [InlineData(Underlay.IP)]
    public async Task States_are_connected_and_then_closed_at_both_ends(Underlay underlay)
    {
        await using var pair = await world.PairAsync(underlay);
        var (client, server) = (pair.Client.States.Collect(), pair.Server.States.Collect());
        (await client.ReadAsync().InTime()).Should().Be(
            new ScionQuicConnectionState.Connected(pair.Client.Remote, pair.Client.Path));
        (await server.ReadAsync().InTime()).Should().Be(
            new ScionQuicConnectionState.Connected(pair.Server.Remote, Path: null));

        pair.Client.Abort(4, "over");

        (await client.ReadAllAsync().SingleAsync().InTime()).Should().BeOfType<ScionQuicConnectionState.Closed>();
        var closed = await server.ReadAllAsync().SingleAsync().InTime();
        closed.Should().BeOfType<ScionQuicConnectionState.Closed>()
            .Which.Reason.Should().BeSameAs(await pair.Server.Ended);
        (await pair.Server.States.Collect().ReadAllAsync().SingleAsync().InTime())
            .Should().Be(closed, "who comes late is told the present one");
    }

    [Theory]
    [InlineData(Underlay.Scion)]
    [InlineData(Underlay.IP)]
    public async Task Statistics_are_told_while_somebody_observes_and_end_with_the_last(Underlay underlay)
    {
        await using var pair = await PairAsync(underlay);
        var told = pair.Client.Statistics.Collect();
        (await told.ReadAsync().InTime()).Quic.SentPackets.Should().BeGreaterThan(0);

        var (opened, _) = await pair.OpenAsync();
        await opened.WriteAsync(new byte[200_000]);
        var later = await told.ReadAsync().InTime();
        pair.Client.Abort(0);

        later.Remote.Should().Be(pair.Client.Remote);
        later.Path.Should().Be(pair.Client.Path);
        (await told.ReadAllAsync().LastAsync().InTime()).Cause.Should().Be(StatisticsCause.Closed);
    }

    [Fact]
    public async Task Path_that_is_cut_is_left_for_another_under_the_streams_and_told()
    {
        await using var pair = await PairAsync(Underlay.Scion);
        var (opened, accepted) = await pair.OpenAsync();
        var told = pair.Client.Paths.Collect();
        var before = pair.Client.Path!;
        using var cut = world.Cut(before);

        await ExpectEchoAsync(opened, accepted, until: () => !before.Equals(pair.Client.Path));

        await foreach (var each in told.ReadAllAsync())
        {
            if (each is PathEvent.Selected { Path: var chosen } && !chosen.Equals(before))
            {
                break;
            }
        }
        pair.Client.Ended.IsCompleted.Should().BeFalse();
    }

    [Fact]
    public async Task Policy_that_forbids_the_path_moves_the_connection()
    {
        await using var pair = await PairAsync(Underlay.Scion);
        var (opened, accepted) = await pair.OpenAsync();
        var before = pair.Client.Path!;

        pair.Client.UsePathPolicy(new Without(before));
        await ExpectEchoAsync(opened, accepted, until: () => !before.Equals(pair.Client.Path));

        var atServer = () => pair.Server.UsePathPolicy(new Without(before));
        atServer.Should().Throw<InvalidOperationException>("the client chooses");
    }

    [Theory]
    [InlineData(Underlay.Scion)]
    [InlineData(Underlay.IP)]
    public async Task Observers_that_block_or_throw_are_on_the_thread_pool_and_hold_nothing_up(Underlay underlay)
    {
        await using var pair = await PairAsync(underlay);
        using var gate = new ManualResetEventSlim();
        var blocked = new CountdownEvent(underlay == Underlay.Scion ? 5 : 4);
        var wrongThreads = 0;
        Observe(pair.Client.States);
        Observe(pair.Client.Statistics);
        Observe(pair.Server.States);
        Observe(pair.Server.Statistics);
        if (underlay == Underlay.Scion)
        {
            Observe(pair.Client.Paths); // On IP there are none.
        }
        await Waiting.ConditionAsync(() => blocked.IsSet);

        try
        {
            var other = pair.Client.Statistics.Collect();
            await other.ReadAsync().InTime();
            var (opened, accepted) = await pair.OpenAsync();
            await ExpectEchoAsync(opened, accepted);
            await pair.Server.CloseAsync(7).InTime();
            (await pair.Client.Ended.InTime()).Should().BeOfType<QuicConnectionException>()
                .Which.Close.ErrorCode.Should().Be(7);
            (await other.ReadAllAsync().LastAsync().InTime()).Cause.Should().Be(StatisticsCause.Closed);
            pair.Listener.Completion.IsCompleted.Should().BeFalse();
        }
        finally
        {
            gate.Set();
        }
        wrongThreads.Should().Be(0);

        void Observe<T>(IObservable<T> source)
        {
            var isFirst = true;
            source.Subscribe(_ =>
            {
                if (isFirst)
                {
                    isFirst = false;
                    Interlocked.Add(ref wrongThreads, Thread.CurrentThread.IsThreadPoolThread ? 0 : 1);
                    blocked.Signal();
                    gate.Wait(TransportWorld.Patience);
                    throw new NotSupportedException("an observer's fault");
                }
            });
        }
    }

    private static async Task ExpectEchoAsync(
        ScionQuicStream opened, ScionQuicStream accepted, Func<bool>? until = null)
    {
        using var end = new CancellationTokenSource(TransportWorld.Patience);
        do
        {
            await opened.WriteAsync(new byte[] { 1 }, end.Token);
            await accepted.ReadExactlyAsync(new byte[1], end.Token);
            await accepted.WriteAsync(new byte[] { 2 }, end.Token);
            await opened.ReadExactlyAsync(new byte[1], end.Token);
        }
        while (until?.Invoke() == false);
    }

    private Task<ConnectionPair> PairAsync(Underlay underlay) => world.PairAsync(
        underlay,
        server => server.StatisticsInterval = TimeSpan.FromMilliseconds(100),
        client => client.StatisticsInterval = TimeSpan.FromMilliseconds(100));

    private sealed class Without(ScionPath path) : IPathPolicy
    {
        public IReadOnlyList<ScionPath> Apply(IReadOnlyList<ScionPath> paths) =>
            [.. paths.Where(each => !each.Equals(path))];
    }
}
