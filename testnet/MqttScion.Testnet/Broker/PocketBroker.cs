using System.Diagnostics;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using MqttScion.Mqtt;

namespace MqttScion.Testnet;

/// <summary>A small MQTT 5 broker in the process, for demos and tests: QoS 0 and 1, retained messages,
/// wildcards.</summary>
/// <remarks>
/// <para>Back-pressure: messages wait for a client in a queue bounded in count and bytes. A QoS 0 message that does
/// not fit is dropped and counted. A QoS 1 message is sent within the client's Receive Maximum; one that does not fit
/// into the queue is not taken, and its publisher gets PUBACK 0x97 (Quota exceeded). A client that does not read its
/// answers is not read from. No publisher ever waits for a subscriber.</para>
/// <para>Overlapping subscriptions of a client give one copy, with the highest QoS and all subscription
/// identifiers.</para>
/// <para>Not supported, and told so in CONNACK: QoS 2, shared subscriptions, topic aliases, AUTH. A will is published
/// when the connection ends, without its delay.</para>
/// </remarks>
public sealed class PocketBroker : IAsyncDisposable
{
    private const int ReadBytes = 64 << 10;

    private readonly PocketBrokerOptions _options;
    private readonly BrokerCounters _counters = new();
    private readonly BrokerRouter _router;
    private readonly Socket _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _slots;
    private readonly Lock _lock = new();
    private readonly HashSet<Task> _serving = [];
    private readonly Task _accepting;
    private bool _isDisposed;

    private PocketBroker(PocketBrokerOptions options, Socket listener)
    {
        _options = options;
        _listener = listener;
        _router = new BrokerRouter(options, _counters);
        _slots = new SemaphoreSlim(options.MaximumConnections);
        EndPoint = (IPEndPoint)listener.LocalEndPoint!;
        _accepting = AcceptAsync();
    }

    /// <summary>Where the broker listens, with the port that it got.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>The counters.</summary>
    public PocketBrokerStatistics Statistics => _counters.Read();

    /// <summary>The identifiers of the clients that are connected now.</summary>
    public IReadOnlyList<string> ConnectedClients => [.. _router.Connections.Select(c => c.ClientId)];

    /// <summary>Starts a broker that listens when the task ends.</summary>
    /// <exception cref="SocketException">The endpoint can't be listened on.</exception>
    public static Task<PocketBroker> StartAsync(
        PocketBrokerOptions? options = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        options ??= new PocketBrokerOptions();
        var listener = new Socket(options.EndPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            listener.Bind(options.EndPoint);
            listener.Listen();
        }
        catch (SocketException)
        {
            listener.Dispose();
            throw;
        }
        return Task.FromResult(new PocketBroker(options, listener));
    }

    /// <summary>Serves a client on a transport other than TCP, such as a QUIC stream, until its connection
    /// ends.</summary>
    public async Task ServeAsync(IDuplexPipe transport, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(transport);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stop.Token);
        using var connection = new BrokerConnection(_router, _options, transport);
        await connection.RunAsync(stop.Token).ConfigureAwait(false);
    }

    /// <summary>Publishes a message as the broker itself. Retained ones are kept.</summary>
    public MqttClientPublishReasonCode Publish(MqttApplicationMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return MqttTopic.TryValidateTopic(message.Topic, out _)
            ? _router.Route(message, publisherId: null)
            : MqttClientPublishReasonCode.TopicNameInvalid;
    }

    /// <summary>Sends a client DISCONNECT and closes its connection. False when it is not connected.</summary>
    public bool Disconnect(string clientId, MqttDisconnectReasonCode reasonCode)
    {
        var connection = Find(clientId);
        connection?.Disconnect(reasonCode);
        return connection is not null;
    }

    /// <summary>Closes a client's connection without DISCONNECT. False when it is not connected.</summary>
    public bool Drop(string clientId)
    {
        var connection = Find(clientId);
        connection?.Drop();
        return connection is not null;
    }

    /// <summary>Closes all connections and waits for them to end. Throws what an authorizing function threw.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
        {
            return;
        }
        _isDisposed = true;
        await _stop.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        await _accepting.ConfigureAwait(false);
        Task[] serving;
        lock (_lock)
        {
            serving = [.. _serving];
        }
        await Task.WhenAll(serving).ConfigureAwait(false);
        _slots.Dispose();
        _stop.Dispose();
    }

    private BrokerConnection? Find(string clientId) =>
        _router.Connections.FirstOrDefault(c => c.ClientId == clientId);

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                await _slots.WaitAsync(_stop.Token).ConfigureAwait(false);
                var socket = await _listener.AcceptAsync(_stop.Token).ConfigureAwait(false);
                var serving = ServeAsync(socket);
                lock (_lock)
                {
                    _serving.Add(serving);
                    _serving.RemoveWhere(t => t.IsCompletedSuccessfully);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            Debug.WriteLine($"Broker: it accepts no more connections: {e.Message}");
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            socket.NoDelay = true;
            using var stream = new NetworkStream(socket, ownsSocket: true);
            var input = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: ReadBytes));
            await ServeAsync(new TcpPipe(input, PipeWriter.Create(stream)), default).ConfigureAwait(false);
        }
        catch (SocketException e)
        {
            Debug.WriteLine($"Broker: a client went away before it was served: {e.Message}");
        }
        finally
        {
            _slots.Release();
        }
    }

    private sealed record TcpPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
