namespace MqttScion.Quic;

/// <summary>The transport parameters of one side with the defaults of RFC 9000 §18.2.</summary>
internal sealed class TransportParameters
{
    /// <summary>The default and least value of <see cref="ActiveConnectionIdLimit"/>.</summary>
    public const ulong MinConnectionIdLimit = 2;

    /// <summary>The longest encoding that <see cref="TransportParametersWriter"/> makes.</summary>
    public const int MaxEncodedLength = 256;

    /// <summary>Server only: the Destination Connection ID of the client's first Initial.</summary>
    public ConnectionId? OriginalDestinationId { get; set; }

    /// <summary>The Source Connection ID of this side's first Initial.</summary>
    public ConnectionId? InitialSourceId { get; set; }

    /// <summary>Server only: the Source Connection ID of its Retry packet.</summary>
    public ConnectionId? RetrySourceId { get; set; }

    /// <summary>Server only: the token for the id of sequence number 0; 16 bytes.</summary>
    public byte[]? StatelessResetToken { get; set; }

    /// <summary>
    /// Server only: the connection id for its preferred address, which we don't use; null when it has none.
    /// </summary>
    public ConnectionId? PreferredAddressId { get; set; }

    /// <summary>Server only: the stateless reset token that goes with <see cref="PreferredAddressId"/>.</summary>
    public byte[] PreferredAddressToken { get; set; } = [];

    /// <summary>In milliseconds; zero is no timeout.</summary>
    public ulong MaxIdleTimeout { get; set; }

    public ulong MaxUdpPayloadSize { get; set; } = 65527;

    public ulong InitialMaxData { get; set; }

    public ulong InitialMaxStreamDataBidirectionalLocal { get; set; }

    public ulong InitialMaxStreamDataBidirectionalRemote { get; set; }

    public ulong InitialMaxStreamDataUnidirectional { get; set; }

    public ulong InitialMaxStreamsBidirectional { get; set; }

    public ulong InitialMaxStreamsUnidirectional { get; set; }

    public ulong AckDelayExponent { get; set; } = 3;

    /// <summary>In milliseconds.</summary>
    public ulong MaxAckDelay { get; set; } = 25;

    public bool DisableActiveMigration { get; set; }

    /// <summary>The largest DATAGRAM frame that is taken, in bytes; zero is none (RFC 9221 §3).</summary>
    public ulong MaxDatagramFrameSize { get; set; }

    /// <summary>Whether packets with a cleared QUIC bit are taken (RFC 9287 §3).</summary>
    public bool GreaseQuicBit { get; set; }

    public ulong ActiveConnectionIdLimit { get; set; } = MinConnectionIdLimit;
}
