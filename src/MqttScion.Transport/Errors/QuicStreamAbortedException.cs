namespace MqttScion;

/// <summary>
/// The peer cut a QUIC stream short while the connection stays up: it reset its side, so that what came is only a part,
/// or it takes no more of ours (RFC 9000 §3.5).
/// </summary>
public sealed class QuicStreamAbortedException : TransportException
{
    private QuicStreamAbortedException(string message, ulong errorCode)
        : base(message) => ErrorCode = errorCode;

    /// <summary>The application error code that the peer gave.</summary>
    public ulong ErrorCode { get; }

    internal static QuicStreamAbortedException Reset(ServerAddress remote, ulong code) => new(
        $"{remote} reset its stream with error code 0x{code:x}: expected the end of the stream, got a part of it",
        code);

    internal static QuicStreamAbortedException Stopped(ServerAddress remote, ulong code) => new(
        $"{remote} takes no more of our stream, it stopped it with error code 0x{code:x}; what was not sent is lost",
        code);
}
