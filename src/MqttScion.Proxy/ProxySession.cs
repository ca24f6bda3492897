using System.IO.Pipelines;
using MqttScion.Scion;

namespace MqttScion.Proxy;

/// <summary>One client that has opened its stream: its address, its bytes, and the way to close it.</summary>
public sealed class ProxySession
{
    private readonly ScionQuicConnection _connection;
    private readonly ScionQuicStream _stream;
    private ClientPackets _packets;

    internal ProxySession(ScionEndPoint client, ScionQuicConnection connection, ScionQuicStream stream) =>
        (Client, _connection, _stream, Subject) =
            (client, connection, stream, CertificateSubject.Of(connection.PeerCertificate));

    /// <summary>The client's SCION address.</summary>
    public ScionEndPoint Client { get; }

    /// <summary>
    /// The connection's round trips, window, losses and counters: while somebody observes, after each interval of the
    /// options in which something changed, and at once on another path, after a key update and at the end. Replays the
    /// latest, never fails, completes with the connection.
    /// </summary>
    public IObservable<ConnectionStatistics> Statistics => _connection.Statistics;

    /// <summary>Completes with the reason when the client's connection is over.</summary>
    public Task<Exception> Ended => _connection.Ended;

    /// <summary>The subject of the client's certificate, for people.</summary>
    internal string Subject { get; }

    /// <summary>Whether the last that the broker was sent is an MQTT DISCONNECT.</summary>
    internal bool HasSaidGoodbye => _packets.HasEndedInOrder;

    internal long SentBytes { get; private set; }

    internal long ReceivedBytes { get; private set; }

    internal PipeReader Input => _stream.Input;

    internal PipeWriter Output => _stream.Output;

    /// <summary>Closes at once with an application error code; what is in flight is lost.</summary>
    public void Close(ulong code, string reason) => _connection.Abort(code, reason);

    /// <summary>Closes once the client has all output, which must be completed, or takes none for a time.</summary>
    internal ValueTask CloseWhenDeliveredAsync(ulong code, string reason, TimeSpan stallTimeout) =>
        _connection.CloseAsync(code, reason, stallTimeout);

    /// <summary>Closes in order and lets go of the connection.</summary>
    internal ValueTask DisposeAsync() => _connection.DisposeAsync();

    /// <summary>Counts and follows what goes to the broker.</summary>
    internal void OnSent(ReadOnlySpan<byte> bytes)
    {
        SentBytes += bytes.Length;
        _packets.Take(bytes);
    }

    /// <summary>Counts what comes from the broker.</summary>
    internal void OnReceived(int count) => ReceivedBytes += count;
}
