namespace MqttScion.Quic;

/// <summary>How a connection finds out how fast it may send.</summary>
public enum QuicCongestionControl
{
    /// <summary>CUBIC (RFC 9438) with HyStart++ (RFC 9406): for long and fast paths too.</summary>
    Cubic,

    /// <summary>NewReno as in RFC 9002.</summary>
    NewReno,
}
