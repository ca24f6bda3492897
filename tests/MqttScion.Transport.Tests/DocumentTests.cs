using System.Collections.Concurrent;
using MqttScion.Samples.TransportOnly;

namespace MqttScion.Transport.Tests;

/// <summary>What docs/transport.md shows does what is said there.</summary>
public sealed class DocumentTests(TransportWorld world) : IClassFixture<TransportWorld>
{
    [Fact]
    public async Task Client_and_server_of_the_document_echo()
    {
        using var end = new CancellationTokenSource(TransportWorld.Patience);
        await using var listener = Snippets.Listen(world.Certificates.ServerFile, world.Certificates.ServerKeyFile);
        var serving = Snippets.ServeAsync(listener, end.Token);
        await using var connection = await ConnectAsync(listener);

        (await Snippets.AskAsync(connection, end.Token)).Should().Be("hello");

        await end.CancelAsync();
        await FluentActions.Awaiting(() => serving.InTime()).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task Datagram_and_close_of_the_document_arrive()
    {
        using var end = new CancellationTokenSource(TransportWorld.Patience);
        await using var listener = Snippets.Listen(world.Certificates.ServerFile, world.Certificates.ServerKeyFile);
        await using var connection = await ConnectAsync(listener);
        await using var peer = await listener.AcceptConnectionAsync(end.Token);
        await Waiting.ConditionAsync(() => connection.MaxDatagramBytes > 0);

        (await Snippets.ExchangeAsync(connection, peer, end.Token)).Should().Equal("21.5"u8.ToArray());
        (await Snippets.CloseAsync(connection, peer).InTime()).Should().Be("16: going home");
    }

    [Fact]
    public async Task Observers_of_the_document_are_told()
    {
        var told = new ConcurrentQueue<string>();
        await using var pair = await world.PairAsync(Underlay.Scion);

        using var watch = Snippets.Watch(pair.Client, told.Enqueue);

        await Waiting.ConditionAsync(() => told.Any(text => text.StartsWith("Connected"))
            && told.Any(text => text.StartsWith("now over 1-ff00:0:111"))
            && told.Any(text => text.StartsWith("round trip 00:00:00.")));
    }

    private Task<ScionQuicConnection> ConnectAsync(ScionQuicListener listener) => Snippets.ConnectAsync(
        $"quic://localhost:{listener.LocalEndPoint.Port}", world.Certificates.CaFile).InTime();
}
