using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using MqttScion.Tests.Support;

namespace MqttScion.Tests.Connection;

/// <summary>What a reconnect loop tells, and when it may be started anew.</summary>
public sealed class ReconnectLoopTests
{
    private readonly ConcurrentQueue<string> _told = new();
    private readonly RefusingConnector _connector = new();

    [Fact]
    public async Task Whoever_sees_Disconnected_finds_all_that_belonged_to_the_connection_ended()
    {
        using var loop = Loop(onEnded: () => { });

        await FluentActions.Awaiting(() => loop.StartAsync(default)).Should().ThrowAsync<IOException>();

        _told.Should().Equal("Connecting", "ended", "Disconnected");
    }

    [Fact]
    public async Task Start_during_the_end_comes_behind_it()
    {
        ReconnectLoop? loop = null;
        Task? again = null;
        var isFirst = true;
        using var _ = loop = Loop(onEnded: () =>
        {
            (var wasFirst, isFirst) = (isFirst, false);
            again = wasFirst ? loop!.StartAsync(default) : again;
        });

        await FluentActions.Awaiting(() => loop.StartAsync(default)).Should().ThrowAsync<IOException>();

        await FluentActions.Awaiting(() => again!.WaitAsync(ScriptedConnection.Patience))
            .Should().ThrowAsync<IOException>();
        _told.Should().Equal("Connecting", "ended", "Disconnected", "Connecting", "ended", "Disconnected");
    }

    private ReconnectLoop Loop(Action onEnded) => new(
        _connector,
        TestSettings.Default,
        TimeProvider.System,
        NullLogger.Instance,
        state => _told.Enqueue(state.GetType().Name),
        _ =>
        {
            _told.Enqueue("ended");
            onEnded();
        },
        _ => default);

    private sealed class RefusingConnector : IClientConnector
    {
        public Task<ClientConnection> ConnectAsync(CancellationToken cancellationToken) =>
            Task.FromException<ClientConnection>(new IOException("refused"));

        public void Learn(ClientConnection connection, Exception cause)
        {
        }
    }
}
