namespace MqttScion.Quic;

/// <summary>The encryption levels of RFC 9001 §2.1, in the order in which a connection passes them.</summary>
public enum EncryptionLevel
{
    /// <summary>Initial packets, protected with keys that everyone can derive.</summary>
    Initial,

    /// <summary>0-RTT packets.</summary>
    EarlyData,

    /// <summary>Handshake packets.</summary>
    Handshake,

    /// <summary>1-RTT packets.</summary>
    Application,
}
