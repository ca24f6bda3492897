using System.Diagnostics;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using MqttScion.Mqtt;
using MqttScion.Quic;

namespace MqttScion.Testnet;

/// <summary>A small MQTT 5 broker in the process, for demos and tests. All state is in memory.</summary>
/// <remarks>
/// <para>Back-pressure: messages wait for a client in a queue bounded in count and bytes. A QoS 0 message that does
/// not fit is dropped and counted. QoS 1 and 2 are sent within the client's Receive Maximum; one that does not fit
/// into the queue is not taken, and its publisher gets 0x97 (Quota exceeded), unless the client is away: then it is
/// dropped and counted. A client that does not read its answers is not read from. No publisher ever waits for a
/// subscriber.</para>
/// <para>A message of a shared subscription goes to the members in turn, those that are connected first. What a member
/// that leaves did not acknowledge goes to another, but for QoS 2 that was sent [MQTT-4.8.2-5].</para>
/// <para>A topic filter may have at most 200 levels; others get 0x8F.</para>
/// </remarks>
public sealed class PocketBroker : IAsyncDisposable
{
    /// <summary>What is read from and written to a socket at once.</summary>
    private const int BufferBytes = 64 << 10;

    private readonly PocketBrokerOptions _options;
    private readonly BrokerCounters _counters = new();
    private readonly BrokerRouter _router;
    private readonly Socket _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _stopAccepting = new();
    private readonly SemaphoreSlim _slots;
    private readonly Lock _lock = new();
    private readonly HashSet<BrokerConnection> _connections = [];
    private readonly HashSet<Task> _serving = [];
    private readonly BrokerShared _shared;
    private readonly PocketBrokerState _state;
    private readonly Task _accepting;
    private readonly PocketBrokerQuic? _quic;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isEnding;
    private bool _isDisposed;

    private PocketBroker(PocketBrokerOptions options, Socket listener)
    {
        _options = options;
        _listener = listener;
        _state = options.State ?? new PocketBrokerState();
        _shared = new BrokerShared(options);
        _state.Take();
        _router = new BrokerRouter(options, _counters, _state);
        _slots = new SemaphoreSlim(options.MaximumConnections);
        EndPoint = (IPEndPoint)listener.LocalEndPoint!;
        try
        {
            _quic = options.Quic?.Listen(this, options);
        }
        catch
        {
            _state.GiveBack();
            throw;
        }
        _accepting = AcceptAsync();
    }

    /// <summary>Where the broker listens, with the port that it got.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>Where the broker listens for QUIC, with the port that it got; null when it does not.</summary>
    public IPEndPoint? QuicEndPoint => _quic?.EndPoint;

    /// <summary>The counters.</summary>
    public PocketBrokerStatistics Statistics => _counters.Read();

    /// <summary>The identifiers of the clients that are connected now.</summary>
    public IReadOnlyList<string> ConnectedClients => [.. _router.Connections.Select(c => c.ClientId)];

    /// <summary>Starts a broker that listens when the task ends.</summary>
    /// <exception cref="SocketException">The endpoint can't be listened on.</exception>
    /// <exception cref="TlsConfigurationException">The certificates for QUIC can't be used.</exception>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="InvalidOperationException">Another broker uses the state.</exception>
    public static Task<PocketBroker> StartAsync(
        PocketBrokerOptions? options = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        options ??= new PocketBrokerOptions();
        options.Validate();
        var listener = new Socket(options.EndPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            listener.Bind(options.EndPoint);
            listener.Listen();
            return Task.FromResult(new PocketBroker(options, listener));
        }
        catch
        {
            listener.Dispose();
            throw;
        }
    }

    /// <summary>Serves a client on a transport other than TCP, such as a QUIC stream, until its connection
    /// ends.</summary>
    /// <exception cref="ObjectDisposedException">The broker was disposed of.</exception>
    public Task ServeAsync(IDuplexPipe transport, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(transport);
        ObjectDisposedException.ThrowIf(_isEnding, this);
        return Track(ServeTransportAsync(transport, cancellationToken));
    }

    /// <summary>Begins a connection of several streams, such as QUIC has.</summary>
    /// <exception cref="ObjectDisposedException">The broker was disposed of.</exception>
    public PocketBrokerConnection OpenConnection()
    {
        ObjectDisposedException.ThrowIf(_isEnding, this);
        return new PocketBrokerConnection(this);
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
    /// <remarks>With 0x9C and 0x9D the client is told <see cref="PocketBrokerOptions.ServerReference"/>.</remarks>
    public bool Disconnect(string clientId, MqttDisconnectReasonCode reasonCode)
    {
        var isElsewhere = reasonCode
            is MqttDisconnectReasonCode.UseAnotherServer or MqttDisconnectReasonCode.ServerMoved;
        var connection = Find(clientId);
        connection?.Disconnect(reasonCode, isElsewhere ? _options.ServerReference : null);
        return connection is not null;
    }

    /// <summary>Closes a client's connection without DISCONNECT. False when it is not connected.</summary>
    public bool Drop(string clientId)
    {
        var connection = Find(clientId);
        connection?.Drop();
        return connection is not null;
    }

    /// <summary>Resets the data streams of a client, and leaves its connection alone. Gives their number.</summary>
    public int DropDataStreams(string clientId) => Find(clientId)?.DropStreams() ?? 0;

    /// <summary>Closes all connections without DISCONNECT; clients may connect again. Gives their number.</summary>
    public int DropConnections()
    {
        var connections = Serving();
        foreach (var connection in connections)
        {
            connection.Drop();
        }
        return connections.Count;
    }

    /// <summary>Makes the broker like one that hangs: it accepts connections and takes bytes, but handles and answers
    /// nothing, until <see cref="Thaw"/>. A packet that is just handled may still be answered.</summary>
    public void Freeze() => _shared.Gate.Close();

    /// <summary>Lets a frozen broker go on with what came meanwhile.</summary>
    public void Thaw() => _shared.Gate.Open();

    /// <summary>Sends all clients DISCONNECT, waits about a second at most for them to take it, and disposes of the
    /// broker.</summary>
    public async Task ShutDownAsync(
        MqttDisconnectReasonCode reasonCode = MqttDisconnectReasonCode.ServerShuttingDown)
    {
        await StopAcceptingAsync().ConfigureAwait(false);
        Thaw();
        foreach (var connection in Serving())
        {
            connection.Disconnect(reasonCode);
        }
        await WhenServedAsync().ConfigureAwait(false);
        await DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Closes all connections without DISCONNECT and waits for them to end. Throws what an authorizing
    /// function threw.</summary>
    public async ValueTask DisposeAsync()
    {
        bool isFirst;
        lock (_lock)
        {
            isFirst = !_isDisposed;
            _isDisposed = true;
        }
        if (!isFirst)
        {
            await _ended.Task.ConfigureAwait(false);
            return;
        }
        await StopAcceptingAsync().ConfigureAwait(false);
        await _stop.CancelAsync().ConfigureAwait(false);
        try
        {
            await WhenServedAsync().ConfigureAwait(false);
        }
        finally
        {
            if (_quic is not null)
            {
                await _quic.DisposeAsync().ConfigureAwait(false);
            }
            _router.Dispose();
            _state.GiveBack();
            _slots.Dispose();
            _stop.Dispose();
            _stopAccepting.Dispose();
            _ended.SetResult();
        }
    }

    private async Task StopAcceptingAsync()
    {
        _isEnding = true;
        await _stopAccepting.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        await _accepting.ConfigureAwait(false);
    }

    private List<BrokerConnection> Serving()
    {
        lock (_lock)
        {
            return [.. _connections];
        }
    }

    private BrokerConnection? Find(string clientId) =>
        _router.Connections.FirstOrDefault(c => c.ClientId == clientId);

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                await _slots.WaitAsync(_stopAccepting.Token).ConfigureAwait(false);
                var socket = await _listener.AcceptAsync(_stopAccepting.Token).ConfigureAwait(false);
                _ = Track(ServeSocketAsync(socket));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            Debug.WriteLine($"Broker: it accepts no more connections: {e.Message}");
        }
    }

    /// <summary>Remembers a task until it ended well, so that disposal waits for it and throws what it threw.</summary>
    private Task Track(Task serving)
    {
        lock (_lock)
        {
            _serving.RemoveWhere(t => t.IsCompletedSuccessfully);
            _serving.Add(serving);
        }
        return serving;
    }

    private Task WhenServedAsync()
    {
        lock (_lock)
        {
            return Task.WhenAll(_serving);
        }
    }

    private async Task ServeSocketAsync(Socket socket)
    {
        try
        {
            socket.NoDelay = true;
            using var stream = new BrokerSocketStream(socket);
            var input = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: BufferBytes));
            var output = PipeWriter.Create(stream, new StreamPipeWriterOptions(minimumBufferSize: BufferBytes));
            await ServeTransportAsync(new TcpPipe(input, output), default).ConfigureAwait(false);
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

    internal BrokerConnection Make(IDuplexPipe transport, BrokerConnection? control = null) =>
        new(_router, _options, _shared, transport, control);

    /// <summary>Serves a connection until it ends.</summary>
    internal Task ServeAsync(BrokerConnection connection, CancellationToken cancellationToken) =>
        Track(ServeConnectionAsync(connection, cancellationToken));

    /// <summary>Serves a data stream until it ends.</summary>
    internal Task ServeStreamAsync(BrokerConnection stream) => Track(RunAsync(stream, default));

    private Task ServeTransportAsync(IDuplexPipe transport, CancellationToken cancellationToken) =>
        ServeConnectionAsync(Make(transport), cancellationToken);

    private async Task ServeConnectionAsync(BrokerConnection connection, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _connections.Add(connection);
        }
        try
        {
            await RunAsync(connection, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            lock (_lock)
            {
                _connections.Remove(connection);
            }
        }
    }

    private async Task RunAsync(BrokerConnection connection, CancellationToken cancellationToken)
    {
        using var _ = connection;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stop.Token);
        await connection.RunAsync(stop.Token).ConfigureAwait(false);
    }

    private sealed record TcpPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
