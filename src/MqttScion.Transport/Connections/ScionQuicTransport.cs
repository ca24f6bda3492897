using System.IO.Pipelines;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MqttScion.Scion;

namespace MqttScion;

/// <summary>
/// One bidirectional QUIC stream over SCION, or over plain IP, as a pipe: the seam for MQTT clients other than ours.
/// Bytes written to <see cref="Output"/> reach the peer; <see cref="Input"/> gives what it sends and ends
/// with its end of stream, or with the connection (<see cref="Ended"/> tells why). For more than one stream there is
/// <see cref="ScionQuicConnection"/>.
/// </summary>
/// <remarks>
/// Where the peer cuts one direction and the connection stays up, that one fails with a
/// <see cref="QuicStreamAbortedException"/>: a read of <see cref="Input"/> when the peer reset its side, and what it
/// had sent and nobody has read is dropped; a flush of <see cref="Output"/> when the peer takes no more.
/// </remarks>
public sealed class ScionQuicTransport : IDuplexPipe, IAsyncDisposable
{
    private readonly ScionQuicConnection _connection;
    private readonly StreamPipe _pipe;
    private int _disposed;

    private ScionQuicTransport(ScionQuicConnection connection, StreamPipe pipe) =>
        (_connection, _pipe) = (connection, pipe);

    /// <inheritdoc/>
    public PipeReader Input => _pipe.Input;

    /// <inheritdoc/>
    public PipeWriter Output => _pipe.Output;

    /// <inheritdoc cref="ScionQuicConnection.Path"/>
    public ScionPath? Path => _connection.Path;

    /// <summary>
    /// What happens to the paths to the peer. Replays the current set; never fails; completes when the transport is
    /// disposed. Observers are called on the thread pool.
    /// </summary>
    public IObservable<PathEvent> Paths => _connection.Paths;

    /// <inheritdoc cref="ScionQuicConnection.Statistics"/>
    public IObservable<ConnectionStatistics> Statistics => _connection.Statistics;

    /// <summary>Completes when the connection is over, with the reason.</summary>
    public Task<Exception> Ended => _connection.Ended;

    /// <summary>
    /// Looks paths up, connects along the best (along others, three in all, when it stays silent) and opens the stream.
    /// On plain IP, the addresses of the host's name take the place of the paths.
    /// </summary>
    /// <exception cref="ArgumentException">An option is missing or not valid.</exception>
    /// <exception cref="PathLookupException">The path source can't be reached or gave no usable answer.</exception>
    /// <exception cref="NoPathException">No path leads to the server, or the policy allows none.</exception>
    /// <exception cref="HostUnreachableException">On plain IP: the host name is not known, or no route leads there.
    /// </exception>
    /// <exception cref="QuicConnectionException">The QUIC handshake failed or timed out.</exception>
    public static async Task<ScionQuicTransport> ConnectAsync(
        ScionQuicTransportOptions options,
        ILoggerFactory? loggers = null,
        TimeProvider? time = null,
        CancellationToken cancellationToken = default)
    {
        var settings = ConnectSettings.From(options);
        var log = (loggers ?? NullLoggerFactory.Instance).CreateLogger<ScionQuicTransport>();
        var connection = await ScionQuicConnection
            .ConnectAsync(settings, log, time ?? TimeProvider.System, cancellationToken)
            .ConfigureAwait(false);
        try
        {
            return new ScionQuicTransport(
                connection, await connection.OpenPipeAsync(cancellationToken).ConfigureAwait(false));
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Completes the output, waits until the peer has it, and closes. A slow peer is waited for; one that takes nothing
    /// for 5 s is not, and what it has not got is lost.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }
        await Output.CompleteAsync().ConfigureAwait(false);
        await _connection.CloseAsync().ConfigureAwait(false);
        await Input.CompleteAsync().ConfigureAwait(false);
        await _connection.DisposeAsync().ConfigureAwait(false);
    }
}
