namespace MqttScion.Quic;

/// <summary>Datagrams that <see cref="QuicConnection.TryTransmit"/> wrote, all for one path.</summary>
/// <param name="PathId">The path that they go out on.</param>
/// <param name="Length">All bytes in the room, headroom included.</param>
/// <param name="SegmentSize">
/// QUIC bytes of each datagram but the last, which may be shorter. Datagram <c>i</c> starts at
/// <c>i * (headroom + SegmentSize)</c> with the path's headroom, left untouched, and then the QUIC bytes.
/// </param>
/// <param name="SegmentCount">How many datagrams there are.</param>
/// <param name="Ecn">
/// How to mark the packets that carry them. An owner that can't leaves them as they are: the connection notices.
/// </param>
public readonly record struct QuicTransmit(
    int PathId,
    int Length,
    int SegmentSize,
    int SegmentCount,
    EcnCodepoint Ecn);
