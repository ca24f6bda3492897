using System.Net.Sockets;
using MqttScion.Quic;

namespace MqttScion.Transport.Tests;

public sealed class ScionQuicListenerTests(TransportWorld world) : IClassFixture<TransportWorld>
{
    [Theory]
    [InlineData(Underlay.Scion)]
    [InlineData(Underlay.IP)]
    public async Task Stop_tells_all_connections_the_code_and_ends_what_waits(Underlay underlay)
    {
        var listener = world.Listen(underlay);
        await using var first = await world.ConnectAsync(listener);
        await using var second = await world.ConnectAsync(listener);
        var accepted = await listener.AcceptConnectionAsync().InTime();
        var unaccepted = await listener.AcceptConnectionAsync().InTime();
        var waiting = listener.AcceptConnectionAsync().AsTask();
        var stream = accepted.AcceptStreamAsync().AsTask();

        await listener.StopAsync(7, "until tomorrow").InTime();

        foreach (var client in new[] { first, second })
        {
            (await client.Ended.InTime()).Should().BeOfType<QuicConnectionException>()
                .Which.Close.Should().BeEquivalentTo(
                    new { Kind = QuicCloseKind.PeerApplication, ErrorCode = 7UL, Reason = "until tomorrow" });
        }
        await FluentActions.Awaiting(() => waiting.InTime()).Should().ThrowAsync<ObjectDisposedException>();
        await FluentActions.Awaiting(() => stream.InTime()).Should().ThrowAsync<QuicConnectionException>();
        listener.ConnectionCount.Should().Be(0);
        await listener.Completion.InTime();
        await accepted.DisposeAsync().InTime();
        await unaccepted.DisposeAsync().InTime();
        await listener.DisposeAsync().InTime();
        await FluentActions.Awaiting(() => listener.AcceptConnectionAsync().InTime())
            .Should().ThrowAsync<ObjectDisposedException>();
    }

    [Fact]
    public async Task Accept_ends_with_its_cancellation_and_the_connection_is_the_next_one_s()
    {
        await using var listener = world.Listen(Underlay.IP);
        using var cancellation = new CancellationTokenSource();
        var givenUp = listener.AcceptConnectionAsync(cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await FluentActions.Awaiting(() => givenUp.InTime()).Should().ThrowAsync<OperationCanceledException>();

        await using var client = await world.ConnectAsync(listener);

        await using var server = await listener.AcceptConnectionAsync().InTime();
        server.Remote.Host.Should().Be("127.0.0.1");
    }

    [Fact]
    public async Task Client_beyond_the_most_connections_is_kept_out_until_one_goes()
    {
        await using var listener = world.Listen(Underlay.IP, options => options.MaxConnections = 1);
        await using (var first = await world.ConnectAsync(listener))
        {
            var beyond = () => world.ConnectAsync(
                listener, options => options.HandshakeTimeout = TimeSpan.FromMilliseconds(500));
            await beyond.Should().ThrowAsync<QuicConnectionException>();
            first.Ended.IsCompleted.Should().BeFalse();
            await (await listener.AcceptConnectionAsync().InTime()).DisposeAsync();
        }

        await Waiting.ConditionAsync(() => listener.ConnectionCount == 0);
        await using var next = await ConnectAgainAsync(listener);
        next.Ended.IsCompleted.Should().BeFalse();
    }

    [Fact]
    public async Task Client_without_a_certificate_is_refused_unless_none_is_required()
    {
        await using var strict = world.Listen(Underlay.IP);
        await using var open = world.Listen(Underlay.IP, options => options.RequireClientCertificate = false);
        var refused = strict.Refused.Collect();

        await using var connection = await world.ConnectAsync(open, Anonymous);
        await using var accepted = await open.AcceptConnectionAsync().InTime();
        accepted.PeerCertificate.Should().BeNull();

        // The client may believe itself connected, in TLS 1.3 the refusal comes after its last flight.
        try
        {
            await using var hopeful = await world.ConnectAsync(strict, Anonymous);
            await hopeful.Ended.InTime();
        }
        catch (QuicConnectionException)
        {
            // It was told in time.
        }
        (await refused.ReadAsync().InTime()).Remote.Host.ToString().Should().Be("127.0.0.1");

        static void Anonymous(ScionQuicConnectionOptions options) =>
            (options.Tls.Certificate, options.Tls.Key) = (null, null);
    }

    [Fact]
    public async Task Address_that_is_taken_is_told_at_once()
    {
        await using var listener = world.Listen(Underlay.IP);

        var again = () => world.Listen(
            Underlay.IP, options => options.Listen = $"127.0.0.1:{listener.LocalEndPoint.Port}");

        again.Should().Throw<SocketException>();
    }

    [Fact]
    public async Task Connections_that_wait_to_be_accepted_keep_what_they_were_sent()
    {
        await using var listener = world.Listen(Underlay.IP);
        await using var client = await world.ConnectAsync(listener);
        await using var stream = await client.OpenStreamAsync().InTime();
        await stream.WriteAsync(new byte[] { 9 });
        stream.CompleteWrites();
        await client.CloseAsync().InTime();

        var accepted = await listener.AcceptConnectionAsync().InTime();

        await using var first = await accepted.AcceptStreamAsync().InTime();
        var received = new byte[1];
        await first.ReadExactlyAsync(received).InTime();
        received.Should().Equal(9);
        await accepted.DisposeAsync().InTime();
    }

    // The place is free once the connection has drained (RFC 9000 §10.2), a few round trips after its end.
    private async Task<ScionQuicConnection> ConnectAgainAsync(ScionQuicListener listener)
    {
        while (true)
        {
            try
            {
                return await world.ConnectAsync(
                    listener, options => options.HandshakeTimeout = TimeSpan.FromMilliseconds(500));
            }
            catch (QuicConnectionException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20));
            }
        }
    }
}
