using MqttScion.Quic;

namespace MqttScion.Transport.Tests;

/// <summary>How a connection is closed, and what both ends learn of it.</summary>
public sealed class CloseTests(TransportWorld world) : IClassFixture<TransportWorld>
{
    private const ulong LargestCode = (1UL << 62) - 1; // RFC 9000 §16.

    [Theory]
    [InlineData(Underlay.Scion, true, 0x42UL)]
    [InlineData(Underlay.Scion, false, 0x42UL)]
    [InlineData(Underlay.IP, true, LargestCode)]
    [InlineData(Underlay.IP, false, LargestCode)]
    public async Task Code_and_reason_of_one_end_are_told_at_both(Underlay underlay, bool isClient, ulong code)
    {
        await using var pair = await world.PairAsync(underlay);
        var (closing, other) = isClient ? (pair.Client, pair.Server) : (pair.Server, pair.Client);

        closing.Abort(code, "that is enough");

        var here = (await closing.Ended.InTime()).Should().BeOfType<QuicConnectionException>().Which;
        var there = (await other.Ended.InTime()).Should().BeOfType<QuicConnectionException>().Which;
        here.Close.Should().Be(new QuicCloseReason(QuicCloseKind.LocalApplication, code, null, "that is enough"));
        there.Close.Should().Be(new QuicCloseReason(QuicCloseKind.PeerApplication, code, null, "that is enough"));
        there.Message.Should().Contain("that is enough");
        await FluentActions.Awaiting(() => other.OpenStreamAsync().InTime())
            .Should().ThrowAsync<QuicConnectionException>();
        await FluentActions.Awaiting(() => other.AcceptStreamAsync().InTime())
            .Should().ThrowAsync<QuicConnectionException>();
    }

    [Theory]
    [InlineData(Underlay.Scion)]
    [InlineData(Underlay.IP)]
    public async Task CloseAsync_leaves_nothing_behind_of_what_was_completed(Underlay underlay)
    {
        await using var pair = await world.PairAsync(underlay);
        var (opened, accepted) = await pair.OpenAsync();
        var writing = opened.WriteAsync(new byte[2_000_000]).AsTask();
        var reading = accepted.ReadExactlyAsync(new byte[2_000_000]).InTime();
        await writing.InTime();
        opened.CompleteWrites();

        await pair.Client.CloseAsync(3, "done").InTime();

        await reading;
        (await pair.Server.Ended.InTime()).Should().BeOfType<QuicConnectionException>()
            .Which.Close.ErrorCode.Should().Be(3);
    }

    [Fact]
    public async Task CloseAsync_waits_for_a_peer_that_takes_nothing_no_longer_than_told()
    {
        await using var pair = await world.PairAsync(Underlay.IP);
        var (opened, _) = await pair.OpenAsync();
        var writing = opened.WriteAsync(new byte[8_000_000]).AsTask();

        await pair.Client.CloseAsync(3, "done", TimeSpan.FromMilliseconds(100)).InTime();

        await FluentActions.Awaiting(() => writing.InTime()).Should().ThrowAsync<QuicConnectionException>();
    }

    public static TheoryData<string, Func<ConnectionPair, ScionQuicStream, Task>> Faults => new()
    {
        { "errorCode", (pair, _) => Task.Run(() => pair.Server.Abort(LargestCode + 1)) },
        { "errorCode", (pair, _) => pair.Server.CloseAsync(LargestCode + 1).AsTask() },
        { "errorCode", (pair, _) => pair.Server.CloseAsync(ulong.MaxValue).AsTask() },
        { "errorCode", (pair, _) => pair.Listener.StopAsync(LargestCode + 1).AsTask() },
        { "errorCode", (_, stream) => Task.Run(() => stream.AbortRead(LargestCode + 1)) },
        { "errorCode", (_, stream) => Task.Run(() => stream.AbortWrite(LargestCode + 1)) },
        { "reason", (pair, _) => Task.Run(() => pair.Server.Abort(1, null!)) },
        { "reason", (pair, _) => pair.Server.CloseAsync(1, null!).AsTask() },
        { "reason", (pair, _) => pair.Listener.StopAsync(1, null!).AsTask() },
        { "stallTimeout", (pair, _) => pair.Server.CloseAsync(1, "", TimeSpan.MaxValue).AsTask() },
        { "stallTimeout", (pair, _) => pair.Server.CloseAsync(1, "", TimeSpan.FromMilliseconds(-1)).AsTask() },
    };

    [Theory]
    [MemberData(nameof(Faults), DisableDiscoveryEnumeration = true)]
    public async Task Fault_of_the_caller_is_told_to_the_caller_and_ends_nothing(
        string parameter, Func<ConnectionPair, ScionQuicStream, Task> act)
    {
        await using var pair = await world.PairAsync(Underlay.IP);
        var (opened, accepted) = await pair.OpenAsync();

        var failure = await FluentActions.Awaiting(() => act(pair, accepted).InTime())
            .Should().ThrowAsync<ArgumentException>();

        failure.Which.ParamName.Should().Be(parameter);
        await accepted.WriteAsync(new byte[1]);
        await opened.ReadExactlyAsync(new byte[1]).InTime();
        pair.Server.Ended.IsCompleted.Should().BeFalse();
        pair.Listener.Completion.IsCompleted.Should().BeFalse();
        await using var another = await world.ConnectAsync(pair.Listener);
    }
}
