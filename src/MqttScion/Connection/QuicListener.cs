using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Logging;
using MqttScion.Quic;
using MqttScion.Scion;

namespace MqttScion;

/// <summary>
/// Accepts QUIC over UDP and IP, and gives each bidirectional stream that a client opens to a handler. The first is the
/// one on which MQTT begins: when its handler ends, the connection is closed, with code 0 as brokers do.
/// </summary>
internal sealed class QuicListener : IAsyncDisposable
{
    private static readonly TimeSpan StallTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<PipeApplication, Task> _open = new();
    private readonly QuicListenerOptions _options;
    private readonly Func<AcceptedStream, Task> _serve;
    private readonly TimeProvider _time;
    private readonly IQuicTlsFactory _tls;
    private readonly EndpointLoop _loop;

    /// <summary>Starts to listen.</summary>
    /// <param name="options">Where, and with what.</param>
    /// <param name="serve">Serves one stream, on threads of the pool. Must not throw.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">The log.</param>
    /// <exception cref="System.Net.Sockets.SocketException">The address can't be bound.</exception>
    /// <exception cref="TlsConfigurationException">The certificates can't be used.</exception>
    public QuicListener(
        QuicListenerOptions options, Func<AcceptedStream, Task> serve, TimeProvider time, ILogger log)
    {
        (_options, _serve, _time) = (options, serve, time);
        _tls = options.Crypto.CreateTls(options.Tls);
        try
        {
            var quic = new QuicEndpoint(
                _tls,
                options.Crypto.CreateProtectors(),
                new QuicOptions
                {
                    ClockOrigin = time.GetUtcNow(),
                    IdleTimeout = options.IdleTimeout,
                    MaxBidirectionalStreams = options.MaxStreams,
                    MaxConnections = options.MaxConnections,
                    MaxProbedDatagramBytes = UdpLoopSocket.MaxProbedDatagramBytes,
                },
                acceptConnections: true,
                new CryptographicRandom());
            _loop = new EndpointLoop(new UdpLoopSocket(options.EndPoint), quic, Accept, time, log);
        }
        catch
        {
            _tls.Dispose();
            throw;
        }
        _ = _loop.LocalEndPoint.TryGetIPEndPoint(out var endPoint);
        EndPoint = endPoint!;
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>Closes all connections with code 0 and stops.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var application in _open.Keys)
        {
            application.Close(code: 0, "the server is shutting down");
        }
        var allEnded = Task.WhenAll(_open.Keys.Select(a => a.Ended));
        await Task.WhenAny(allEnded, Task.Delay(ShutdownTimeout, _time)).ConfigureAwait(false);
        await _loop.DisposeAsync().ConfigureAwait(false);
        // Their pipes have ended with the loop, and they with those.
        await Task.WhenAll(_open.Values).ConfigureAwait(false);
        _tls.Dispose();
    }

    // On the loop.
    private PipeApplication Accept(ScionEndPoint client)
    {
        PipeApplication? application = null;
        application = new PipeApplication(new PipeApplicationOptions(
            OpensStream: false,
            RequiresPeerCertificate: false,
            MqttEndPoint.OfIP(client),
            FirstStreamTimeout: _options.FirstStreamTimeout,
            OnFurtherStream: (id, pipe) => Task.Run(() => _serve(new AcceptedStream(application!, id, pipe)))));
        _open[application] = ServeAsync(application);
        return application;
    }

    private async Task ServeAsync(PipeApplication application)
    {
        try
        {
            var pipe = await application.Opened.ConfigureAwait(false);
            await _serve(new AcceptedStream(application, Id: 0, pipe)).ConfigureAwait(false);
            application.CloseWhenDelivered(code: 0, "", StallTimeout);
        }
        catch (Exception e) when (e is QuicConnectionException or ObjectDisposedException)
        {
            // It ended before its first stream was opened: there is nobody to serve.
        }
        await application.Ended.ConfigureAwait(false);
        _open.TryRemove(application, out _);
    }
}
