using System.Diagnostics.CodeAnalysis;
using MqttScion.Mqtt;
using MqttScion.Proxy.Tests.Support;
using MqttScion.Scion;
using MqttScion.Testnet;

namespace MqttScion.Tests;

/// <summary>What must complete even when calls, the connection and the user's code meet at a bad moment.</summary>
[SuppressMessage("Design", "CA1001", Justification = "xunit disposes it through IAsyncLifetime.")]
public sealed class ClientEdgeTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private PocketBroker _broker = null!;
    private SameAsWorld _world = null!;

    public async Task InitializeAsync()
    {
        _broker = await PocketBroker.StartAsync(new PocketBrokerOptions
        {
            AuthorizeSubscribe = (_, filter) => filter.Topic == "secret"
                ? MqttClientSubscribeResultCode.NotAuthorized
                : null,
        });
        _world = new SameAsWorld(_broker.EndPoint.ToString());
    }

    public async Task DisposeAsync()
    {
        await _world.DisposeAsync();
        await _broker.DisposeAsync();
    }

    [Fact]
    public async Task ConnectAsync_cancelled_before_its_connection_is_on_the_loop_ends()
    {
        for (var i = 0; i < 20; i++)
        {
            using var cancellation = new CancellationTokenSource();
            await using var client = _world.Client("cancelled", o => o.Scion.PathSource =
                new CancellingSource(o.Scion.PathSource!, cancellation));

            var act = () => client.ConnectAsync(cancellation.Token).WaitAsync(Patience);

            await act.Should().ThrowAsync<OperationCanceledException>();
        }
    }

    [Fact]
    public async Task SubscribeAsync_behind_a_large_publish_waits_for_it()
    {
        await using var client = _world.Client("busy");
        await client.ConnectAsync().WaitAsync(Patience);

        var publish = client.PublishAsync(
            new MqttApplicationMessage { Topic = "large", Payload = new byte[4 << 20] });
        await using var subscription = await client.SubscribeAsync("t").AsTask().WaitAsync(Patience);
        await publish;

        subscription.Result.Items.Should().ContainSingle();
    }

    [Fact]
    public async Task Refused_filter_of_an_observer_without_OnError_disturbs_nobody()
    {
        await using var client = _world.Client("careless");
        await client.ConnectAsync().WaitAsync(Patience);

        using var careless = client.Messages("secret").Subscribe(_ => { });
        await using var marker = await client.SubscribeAsync("marker").AsTask().WaitAsync(Patience);

        marker.Result.Items.Should().ContainSingle();
    }

    [Fact]
    public async Task DisconnectAsync_during_the_first_connect_ends_it_and_the_client_connects_again()
    {
        var asked = new TaskCompletionSource();
        StallingSource? source = null;
        await using var client = _world.Client("impatient", o =>
            o.Scion.PathSource = source = new StallingSource(o.Scion.PathSource!, asked));
        var first = client.ConnectAsync();
        await asked.Task.WaitAsync(Patience);

        await client.DisconnectAsync().WaitAsync(Patience);
        source!.IsStalling = false;
        await client.ConnectAsync().WaitAsync(Patience);

        await FluentActions.Awaiting(() => first.WaitAsync(Patience)).Should().ThrowAsync<OperationCanceledException>();
    }

    private sealed class StallingSource(IPathSource inner, TaskCompletionSource asked) : IPathSource
    {
        public bool IsStalling { get; set; } = true;

        public Task<IReadOnlyList<LocalAs>> GetLocalAsync(CancellationToken cancellationToken = default) =>
            inner.GetLocalAsync(cancellationToken);

        public async Task<IReadOnlyList<ScionPath>> GetPathsAsync(
            IsdAs destination,
            IsdAs? source = null,
            CancellationToken cancellationToken = default)
        {
            if (IsStalling)
            {
                asked.TrySetResult();
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
            return await inner.GetPathsAsync(destination, source, cancellationToken);
        }
    }

    private sealed class CancellingSource(IPathSource inner, CancellationTokenSource cancellation) : IPathSource
    {
        public Task<IReadOnlyList<LocalAs>> GetLocalAsync(CancellationToken cancellationToken = default) =>
            inner.GetLocalAsync(cancellationToken);

        public async Task<IReadOnlyList<ScionPath>> GetPathsAsync(
            IsdAs destination,
            IsdAs? source = null,
            CancellationToken cancellationToken = default)
        {
            var paths = await inner.GetPathsAsync(destination, source, cancellationToken);
            await cancellation.CancelAsync();
            return paths;
        }
    }
}
