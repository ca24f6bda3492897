namespace MqttScion.Quic;

/// <summary>
/// The congestion control of one path (RFC 9002 §7). Bytes in flight are counted by <see cref="NetworkPath"/>.
/// </summary>
internal interface ICongestionController
{
    /// <summary>How many bytes may be in flight.</summary>
    long WindowBytes { get; }

    /// <summary>
    /// A packet was acknowledged; <paramref name="inFlightBytes"/> is what was in flight before, which shows whether
    /// the window was in use.
    /// </summary>
    void OnAcknowledged(int sizeBytes, TimeSpan sentAt, long inFlightBytes);

    /// <summary>A packet that was sent at <paramref name="sentAt"/> was lost or marked.</summary>
    void OnCongestion(TimeSpan sentAt, TimeSpan now);

    /// <summary>Losses span the persistent congestion duration (RFC 9002 §7.6).</summary>
    void OnPersistentCongestion();
}
