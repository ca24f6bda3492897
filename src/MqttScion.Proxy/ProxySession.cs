using System.IO.Pipelines;
using MqttScion.Scion;

namespace MqttScion.Proxy;

/// <summary>One client that has opened its stream: its address, its bytes, and the way to close it.</summary>
public sealed class ProxySession
{
    private readonly PipeApplication _application;
    private readonly StreamPipe _pipe;
    private ClientPackets _packets;

    internal ProxySession(ScionEndPoint client, PipeApplication application, StreamPipe pipe) =>
        (Client, _application, _pipe, Subject) =
            (client, application, pipe, CertificateSubject.Of(application.PeerCertificate));

    /// <summary>The client's SCION address.</summary>
    public ScionEndPoint Client { get; }

    /// <summary>
    /// The connection's round trips, window, losses and counters: while somebody observes, after each interval of the
    /// options in which something changed, and at once on another path, after a key update and at the end. Replays the
    /// latest, never fails, completes with the connection.
    /// </summary>
    public IObservable<ConnectionStatistics> Statistics => _application.Statistics!.Statistics;

    /// <summary>Completes with the reason when the client's connection is over.</summary>
    public Task<Exception> Ended => _application.Ended;

    /// <summary>The subject of the client's certificate, for people.</summary>
    internal string Subject { get; }

    /// <summary>Whether the last that the broker was sent is an MQTT DISCONNECT.</summary>
    internal bool HasSaidGoodbye => _packets.HasEndedInOrder;

    internal long SentBytes { get; private set; }

    internal long ReceivedBytes { get; private set; }

    internal PipeReader Input => _pipe.Input;

    internal PipeWriter Output => _pipe.Output;

    /// <summary>Closes at once with an application error code; what is in flight is lost.</summary>
    public void Close(ulong code, string reason) => _application.Close(code, reason);

    /// <summary>Closes once the client has all output, which must be completed, or takes none for a time.</summary>
    internal void CloseWhenDelivered(ulong code, string reason, TimeSpan stallTimeout) =>
        _application.CloseWhenDelivered(code, reason, stallTimeout);

    /// <summary>Counts and follows what goes to the broker.</summary>
    internal void OnSent(ReadOnlySpan<byte> bytes)
    {
        SentBytes += bytes.Length;
        _packets.Take(bytes);
    }

    /// <summary>Counts what comes from the broker.</summary>
    internal void OnReceived(int count) => ReceivedBytes += count;
}
