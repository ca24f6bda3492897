namespace MqttScion.Quic;

/// <summary>A frame of a sent packet whose content must reach the peer.</summary>
/// <param name="Kind">The kind of frame.</param>
/// <param name="Id">The stream, or the sequence number of a connection id; MAX_STREAMS: 0 bidirectional, 1 not.</param>
/// <param name="Offset">CRYPTO and STREAM: where the data starts.</param>
/// <param name="Length">CRYPTO and STREAM: how much data there is, in bytes.</param>
/// <param name="IsFinal">STREAM: whether the frame ended the stream.</param>
internal readonly record struct SentFrame(
    SentFrameKind Kind,
    long Id = 0,
    long Offset = 0,
    int Length = 0,
    bool IsFinal = false);
