namespace MqttScion.Quic;

/// <summary>What happened on a connection. Which fields mean something depends on the kind.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="StreamId">The stream of a stream event.</param>
/// <param name="PathId">The path of a path event.</param>
/// <param name="Close">Why the connection ended, for <see cref="QuicEventKind.Closed"/>.</param>
/// <param name="ErrorCode">The peer's application error code of a reset or stopped stream.</param>
public readonly record struct QuicEvent(
    QuicEventKind Kind,
    long StreamId = -1,
    int PathId = -1,
    QuicCloseReason? Close = null,
    ulong ErrorCode = 0);
