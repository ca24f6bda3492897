using System.Security.Cryptography;

namespace MqttScion.Transport.Tests;

/// <summary>The streams of a connection, as both ends see them.</summary>
public sealed class StreamTests(TransportWorld world) : IClassFixture<TransportWorld>
{
    public static TheoryData<Underlay, bool> Cases => new()
    {
        { Underlay.Scion, true }, { Underlay.Scion, false }, { Underlay.IP, true }, { Underlay.IP, false },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Client_s_stream_brings_all_bytes_and_the_end(Underlay underlay, bool bidirectional)
    {
        await using var pair = await PairAsync(underlay);

        await using var opened = await pair.Client.OpenStreamAsync(bidirectional).InTime();
        await ExpectTransferAsync(opened, () => pair.Server.AcceptStreamAsync());
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Server_s_stream_brings_all_bytes_and_the_end(Underlay underlay, bool bidirectional)
    {
        await using var pair = await PairAsync(underlay);

        await using var opened = await pair.Server.OpenStreamAsync(bidirectional).InTime();
        await ExpectTransferAsync(opened, () => pair.Client.AcceptStreamAsync());
    }

    [Fact]
    public async Task Stream_that_goes_one_way_can_only_be_written_by_who_opened_it()
    {
        await using var pair = await PairAsync(Underlay.IP);
        var (opened, accepted) = await pair.OpenAsync(bidirectional: false);

        (opened.CanRead, opened.CanWrite).Should().Be((false, true));
        (accepted.CanRead, accepted.CanWrite).Should().Be((true, false));
        await FluentActions.Awaiting(() => opened.ReadAsync(new byte[1]).InTime())
            .Should().ThrowAsync<NotSupportedException>();
        await FluentActions.Awaiting(() => accepted.WriteAsync(new byte[1]).InTime())
            .Should().ThrowAsync<NotSupportedException>();
    }

    [Theory]
    [InlineData(Underlay.Scion)]
    [InlineData(Underlay.IP)]
    public async Task Writer_that_aborts_fails_the_reader_with_its_code_and_leaves_the_other_direction(
        Underlay underlay)
    {
        await using var pair = await PairAsync(underlay);
        var (opened, accepted) = await pair.OpenAsync();

        opened.AbortWrite(77);

        (await FailureAsync(() => accepted.ReadAsync(new byte[1]).InTime())).ErrorCode.Should().Be(77);
        await accepted.WriteAsync(new byte[] { 5 });
        var answer = new byte[1];
        await opened.ReadExactlyAsync(answer).InTime();
        answer.Should().Equal(5);
    }

    [Theory]
    [InlineData(Underlay.Scion)]
    [InlineData(Underlay.IP)]
    public async Task Reader_that_aborts_fails_the_writer_with_its_code_and_leaves_the_other_direction(
        Underlay underlay)
    {
        await using var pair = await PairAsync(underlay);
        var (opened, accepted) = await pair.OpenAsync();

        accepted.AbortRead(78);

        (await FailureAsync(() => WriteForEverAsync(opened).InTime())).ErrorCode.Should().Be(78);
        await accepted.WriteAsync(new byte[] { 5 });
        var answer = new byte[1];
        await opened.ReadExactlyAsync(answer).InTime();
        answer.Should().Equal(5);
        pair.Client.Ended.IsCompleted.Should().BeFalse();
    }

    [Fact]
    public async Task Reader_that_takes_nothing_makes_the_writer_wait_and_gets_all_in_the_end()
    {
        const int length = 8 * 1024 * 1024;
        await using var pair = await PairAsync(Underlay.IP);
        var (opened, accepted) = await pair.OpenAsync();

        var writing = opened.WriteAsync(new byte[length]).AsTask();
        await accepted.ReadExactlyAsync(new byte[1]).InTime();
        writing.IsCompleted.Should().BeFalse("the windows and buffers hold less");

        await accepted.ReadExactlyAsync(new byte[length - 1]).InTime();
        await writing.InTime();
    }

    [Fact]
    public async Task Stream_without_credit_is_waited_for_until_the_peer_is_done_with_another()
    {
        await using var pair = await PairAsync(Underlay.IP, server => server.MaxBidirectionalStreams = 1);
        var (first, accepted) = await pair.OpenAsync();

        var waiting = pair.Client.OpenStreamAsync().AsTask();
        waiting.IsCompleted.Should().BeFalse();
        await first.DisposeAsync();
        await accepted.DisposeAsync();

        await using var second = await waiting.InTime();
        second.Id.Should().Be(first.Id + 4);
    }

    [Fact]
    public async Task Wait_for_credit_ends_with_its_cancellation_and_who_waits_behind_is_next()
    {
        await using var pair = await PairAsync(Underlay.IP, server => server.MaxBidirectionalStreams = 1);
        var (first, accepted) = await pair.OpenAsync();
        using var cancellation = new CancellationTokenSource();
        var givenUp = pair.Client.OpenStreamAsync(cancellationToken: cancellation.Token).AsTask();
        var behind = pair.Client.OpenStreamAsync().AsTask();

        await cancellation.CancelAsync();

        await FluentActions.Awaiting(() => givenUp.InTime()).Should().ThrowAsync<OperationCanceledException>();
        behind.IsCompleted.Should().BeFalse();
        await first.DisposeAsync();
        await accepted.DisposeAsync();
        (await behind.InTime()).Id.Should().Be(first.Id + 4, "no stream went to who gave up");
    }

    [Fact]
    public async Task Accept_ends_with_its_cancellation_and_the_stream_is_the_next_one_s()
    {
        await using var pair = await PairAsync(Underlay.IP);
        using var cancellation = new CancellationTokenSource();
        var givenUp = pair.Server.AcceptStreamAsync(cancellation.Token).AsTask();

        await cancellation.CancelAsync();

        await FluentActions.Awaiting(() => givenUp.InTime()).Should().ThrowAsync<OperationCanceledException>();
        var (opened, accepted) = await pair.OpenAsync();
        accepted.Id.Should().Be(opened.Id);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Wait_for_a_stream_of_one_kind_keeps_none_of_the_other_waiting(bool isBidirectionalBlocked)
    {
        await using var pair = await PairAsync(Underlay.IP, server =>
        {
            server.MaxBidirectionalStreams = isBidirectionalBlocked ? 0 : 4;
            server.MaxUnidirectionalStreams = isBidirectionalBlocked ? 4 : 0;
        });
        using var cancellation = new CancellationTokenSource();

        var blocked = pair.Client.OpenStreamAsync(isBidirectionalBlocked, cancellation.Token).AsTask();
        await using var other = await pair.Client.OpenStreamAsync(!isBidirectionalBlocked).InTime();

        blocked.IsCompleted.Should().BeFalse();
        await cancellation.CancelAsync();
        await FluentActions.Awaiting(() => blocked.InTime()).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task End_of_the_connection_fails_a_read_so_that_a_part_is_never_taken_for_the_whole()
    {
        await using var pair = await PairAsync(Underlay.IP);
        var (opened, accepted) = await pair.OpenAsync();
        await opened.WriteAsync(new byte[3]);
        await accepted.ReadExactlyAsync(new byte[2]).InTime();

        pair.Client.Abort(9, "enough");
        await pair.Server.Ended.InTime();

        var rest = new byte[10];
        (await accepted.ReadAsync(rest).InTime()).Should().Be(1, "what had come is there");
        var read = () => accepted.ReadAsync(rest).InTime();
        (await read.Should().ThrowAsync<QuicConnectionException>()).Which.Close.ErrorCode.Should().Be(9);
        await FluentActions.Awaiting(() => WriteForEverAsync(accepted).InTime())
            .Should().ThrowAsync<QuicConnectionException>();
    }

    private static async Task ExpectTransferAsync(
        ScionQuicStream opened, Func<ValueTask<ScionQuicStream>> accept)
    {
        var sent = RandomNumberGenerator.GetBytes(300_000);
        var writing = WriteAllAsync(opened, sent);
        await using var accepted = await accept().InTime();
        using var received = new MemoryStream();
        await accepted.CopyToAsync(received).InTime();
        received.ToArray().Should().Equal(sent);
        await writing.InTime();
        if (accepted.CanWrite)
        {
            writing = WriteAllAsync(accepted, sent);
            received.SetLength(0);
            await opened.CopyToAsync(received).InTime();
            received.ToArray().Should().Equal(sent);
            await writing.InTime();
        }
    }

    private static async Task WriteAllAsync(ScionQuicStream stream, byte[] bytes)
    {
        await stream.WriteAsync(bytes);
        stream.CompleteWrites();
    }

    private static async Task WriteForEverAsync(ScionQuicStream stream)
    {
        while (true)
        {
            await stream.WriteAsync(new byte[16 * 1024]);
        }
    }

    private static async Task<QuicStreamAbortedException> FailureAsync(Func<Task> act) =>
        (await act.Should().ThrowAsync<QuicStreamAbortedException>()).Which;

    private Task<ConnectionPair> PairAsync(Underlay underlay, Action<ScionQuicListenerOptions>? server = null) =>
        world.PairAsync(
            underlay,
            options =>
            {
                options.MaxUnidirectionalStreams = 4;
                server?.Invoke(options);
            },
            options => (options.MaxBidirectionalStreams, options.MaxUnidirectionalStreams) = (4, 4));
}
