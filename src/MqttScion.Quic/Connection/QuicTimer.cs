namespace MqttScion.Quic;

/// <summary>All timers of a connection.</summary>
internal enum QuicTimer
{
    Loss,
    AckDelay,
    Idle,
    KeepAlive,
    Handshake,
    PathValidation,
    Silence,
    PreviousKeys,
    EarlyKeys,
    TlsEnd,
    Pacing,
    CloseEnd,
    Count,
}
