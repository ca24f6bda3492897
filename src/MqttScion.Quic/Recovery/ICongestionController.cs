namespace MqttScion.Quic;

/// <summary>
/// The congestion control of one path (RFC 9002 §7). Bytes in flight are counted by <see cref="NetworkPath"/>.
/// </summary>
internal interface ICongestionController
{
    /// <summary>How many bytes may be in flight.</summary>
    long WindowBytes { get; }

    /// <summary>True while the window still doubles each round trip.</summary>
    bool IsInSlowStart { get; }

    /// <summary>The datagram size of the path, which may grow.</summary>
    int MaxDatagramBytes { get; set; }

    /// <summary>A packet was acknowledged.</summary>
    void OnAcknowledged(in AckedPacket packet, in AckContext context);

    /// <summary>A packet that was sent at <paramref name="sentAt"/> was lost or marked.</summary>
    void OnCongestion(TimeSpan sentAt, TimeSpan now);

    /// <summary>Losses span the persistent congestion duration (RFC 9002 §7.6).</summary>
    void OnPersistentCongestion();
}
