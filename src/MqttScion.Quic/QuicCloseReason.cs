namespace MqttScion.Quic;

/// <summary>Why a connection ended.</summary>
/// <param name="Kind">Who ended it, and how.</param>
/// <param name="ErrorCode">An application error code, or a transport one (<see cref="QuicError"/>).</param>
/// <param name="FrameType">The type of the frame that caused a transport error, where known.</param>
/// <param name="Reason">A text for people; the peer's where the peer closed.</param>
public sealed record QuicCloseReason(QuicCloseKind Kind, ulong ErrorCode, ulong? FrameType, string Reason);
