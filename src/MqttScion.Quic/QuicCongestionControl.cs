namespace MqttScion.Quic;

/// <summary>How a connection finds out how fast it may send.</summary>
public enum QuicCongestionControl
{
    /// <summary>CUBIC (RFC 9438) with HyStart++ (RFC 9406): for long and fast paths too.</summary>
    Cubic,

    /// <summary>NewReno as in RFC 9002.</summary>
    NewReno,

    /// <summary>
    /// NewReno that keeps 0.7 of its window after a loss instead of half and grows no slower for it. No RFC allows for
    /// that: at the same rate of loss it sends about 1.4 times what <see cref="NewReno"/> does and, where windows are
    /// small, 1.2 times what <see cref="Cubic"/> does, and it takes that from the flows that it shares a link with.
    /// For networks of one's own, or beside others that do the same.
    /// </summary>
    EagerReno,
}
