namespace MqttScion.Quic;

/// <summary>Kinds of <see cref="QuicEvent"/>.</summary>
public enum QuicEventKind
{
    /// <summary>
    /// TLS is done and streams can be opened. A client knows nothing yet of what the server makes of it.
    /// </summary>
    HandshakeCompleted,

    /// <summary>The server accepted the handshake, and with it the client's certificate (RFC 9001 §4.1.2).</summary>
    HandshakeConfirmed,

    /// <summary>The peer opened a stream.</summary>
    StreamOpened,

    /// <summary>
    /// There are new bytes, or the end, to read. Read until nothing comes; the event does not repeat for the rest.
    /// </summary>
    StreamReadable,

    /// <summary>There is room again after a write that was not taken whole.</summary>
    StreamWritable,

    /// <summary>The peer reset its side of a stream; the error code is the peer's.</summary>
    StreamReset,

    /// <summary>The peer wants no more of a stream, which was reset in answer; the error code is the peer's.</summary>
    StreamStopped,

    /// <summary>The peer permits more streams after <see cref="QuicConnection.TryOpenStream"/> failed.</summary>
    StreamsAvailable,

    /// <summary>There is an unreliable datagram to read. Read until there is none; the event does not repeat.</summary>
    DatagramReceived,

    /// <summary>
    /// The path that is sent on changed and the owner did not do it: the peer's did, or it does not answer.
    /// </summary>
    PathChanged,

    /// <summary>The peer answered a challenge: it receives what is sent on the path.</summary>
    PathValidated,

    /// <summary>
    /// The path that is sent on has gone silent: the oldest packet that the peer is to acknowledge is older than a
    /// probe timeout (RFC 9002 §6.2.1), counted from that packet and not from the last one. Comes again each time that
    /// the silence has doubled. The peer may be slow as well: <see cref="QuicConnection.ProbePath"/> tells.
    /// </summary>
    PathSilent,

    /// <summary>Something was acknowledged on the path that was silent.</summary>
    PathAnswered,

    /// <summary>
    /// Client: the server's newest packet that is no probe came on another path than the one that is sent on.
    /// </summary>
    PeerPathChanged,

    /// <summary>The sink of the qlog trace failed: the trace has ended, and the connection goes on.</summary>
    QlogFailed,

    /// <summary>
    /// A client can open streams and write early data (<see cref="QuicConnection.CanSendEarlyData"/>).
    /// </summary>
    EarlyDataReady,

    /// <summary>
    /// The server did not take the early data: it goes out again, from the start of each stream, once the handshake is
    /// done. Streams beyond the server's present limits wait for it to permit them.
    /// </summary>
    EarlyDataRejected,

    /// <summary>There is a session ticket to take; the event does not repeat before all were taken.</summary>
    SessionTicketReceived,

    /// <summary>
    /// The connection ended: nothing is sent any more. What came before can be read until it is drained.
    /// </summary>
    Closed,

    /// <summary>
    /// The connection needs no more datagrams or timeouts and left its endpoint; the last event. What came before can
    /// be read until the connection is disposed.
    /// </summary>
    Drained,
}
