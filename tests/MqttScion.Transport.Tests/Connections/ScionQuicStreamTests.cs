using System.IO.Pipelines;

namespace MqttScion.Transport.Tests;

/// <summary>What a stream holds, and what its disposal tells the peer.</summary>
public sealed class ScionQuicStreamTests(TransportWorld world) : IClassFixture<TransportWorld>
{
    [Fact]
    public async Task Stream_that_is_used_as_a_pipe_has_no_adapters()
    {
        await using var pair = await world.PairAsync(Underlay.IP);
        var first = await pair.Client.OpenPipeAsync(CancellationToken.None).InTime();
        var pipe = await pair.Client.OpenPipeAsync(CancellationToken.None).InTime();
        _ = new ScionQuicStream(first); // The first of a kind costs more.

        var before = GC.GetAllocatedBytesForCurrentThread();
        var stream = new ScionQuicStream(pipe);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        allocated.Should().BeLessThanOrEqualTo(64, "that is the object alone");
        GC.KeepAlive(stream);
    }

    [Fact]
    public async Task Stream_and_pipe_of_one_direction_each_go_together()
    {
        await using var pair = await world.PairAsync(Underlay.IP);
        var (opened, accepted) = await pair.OpenAsync();

        await opened.Output.WriteAsync(new byte[] { 1 });
        await opened.Output.CompleteAsync();
        var request = new byte[2];
        (await accepted.ReadAtLeastAsync(request, 2, throwOnEndOfStream: false).AsTask().InTime()).Should().Be(1);
        await accepted.WriteAsync(new byte[] { 2 });
        accepted.CompleteWrites();

        var answer = await opened.Input.ReadAtLeastAsync(2).InTime();
        answer.Buffer.Length.Should().Be(1);
        answer.IsCompleted.Should().BeTrue();
    }

    [Fact]
    public async Task Disposed_stream_tells_the_peer_that_no_more_is_wanted_before_more_comes()
    {
        await using var pair = await world.PairAsync(Underlay.IP);
        var (opened, accepted) = await pair.OpenAsync();

        await accepted.DisposeAsync();

        (await opened.ReadAsync(new byte[1]).InTime()).Should().Be(0, "its own side ended in order");
        var failure = await FluentActions.Awaiting(() => FlushForEverAsync(opened.Output).InTime())
            .Should().ThrowAsync<QuicStreamAbortedException>();
        failure.Which.ErrorCode.Should().Be(0);
    }

    [Fact]
    public async Task Disposal_again_and_of_a_lost_connection_does_nothing()
    {
        await using var pair = await world.PairAsync(Underlay.IP);
        var (opened, accepted) = await pair.OpenAsync();
        await opened.DisposeAsync();
        await opened.DisposeAsync();

        pair.Client.Abort(1);
        await pair.Server.Ended.InTime();

        await FluentActions.Awaiting(() => accepted.DisposeAsync().InTime()).Should().NotThrowAsync();
    }

    // Nothing is sent by it.
    private static async Task FlushForEverAsync(PipeWriter output)
    {
        while (true)
        {
            await output.FlushAsync();
            await Task.Delay(TimeSpan.FromMilliseconds(5));
        }
    }
}
