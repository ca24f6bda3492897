namespace MqttScion.Quic;

/// <summary>Who hears what TLS has for a connection.</summary>
internal interface IHandshakeOutcomes
{
    /// <summary>False once the connection has ended, so that TLS gets nothing more.</summary>
    bool IsAlive { get; }

    /// <summary>Secrets came, of one level.</summary>
    void OnSecrets(QuicTrafficSecrets secrets);

    /// <summary>The peer's transport parameters came; false when they end the connection.</summary>
    bool TryTakeParameters(byte[] encoded, TimeSpan now);

    /// <summary>TLS is done (RFC 9001 §4.1.1).</summary>
    void OnComplete(IQuicTls tls, TimeSpan now);

    /// <summary>A client got a session ticket.</summary>
    void OnTicket(QuicTlsTicket ticket, TimeSpan now);

    /// <summary>The handshake, or a TLS message after it, ends the connection.</summary>
    void OnFailed(QuicError error, string reason, TimeSpan now);
}
