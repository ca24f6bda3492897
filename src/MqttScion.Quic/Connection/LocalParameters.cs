namespace MqttScion.Quic;

/// <summary>Our transport parameters as far as they follow from the options.</summary>
internal static class LocalParameters
{
    public static TransportParameters Create(QuicOptions options) => new()
    {
        MaxIdleTimeout = (ulong)options.IdleTimeout.TotalMilliseconds,
        InitialMaxData = (ulong)options.ConnectionWindowBytes,
        InitialMaxStreamDataBidirectionalLocal = (ulong)options.StreamWindowBytes,
        InitialMaxStreamDataBidirectionalRemote = (ulong)options.StreamWindowBytes,
        InitialMaxStreamDataUnidirectional = (ulong)options.StreamWindowBytes,
        InitialMaxStreamsBidirectional = (ulong)options.MaxBidirectionalStreams,
        InitialMaxStreamsUnidirectional = (ulong)options.MaxUnidirectionalStreams,
        ActiveConnectionIdLimit = PeerConnectionIds.Limit,
        MaxDatagramFrameSize = (ulong)options.MaxDatagramFrameBytes,
        GreaseQuicBit = options.GreaseQuicBit,
    };
}
