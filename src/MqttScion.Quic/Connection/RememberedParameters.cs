namespace MqttScion.Quic;

/// <summary>The server's transport parameters that a client keeps for early data (RFC 9000 §7.4.1).</summary>
internal static class RememberedParameters
{
    /// <summary>The ones that hold for another connection.</summary>
    public static TransportParameters Of(TransportParameters all) => new()
    {
        MaxIdleTimeout = all.MaxIdleTimeout,
        MaxUdpPayloadSize = all.MaxUdpPayloadSize,
        InitialMaxData = all.InitialMaxData,
        InitialMaxStreamDataBidirectionalLocal = all.InitialMaxStreamDataBidirectionalLocal,
        InitialMaxStreamDataBidirectionalRemote = all.InitialMaxStreamDataBidirectionalRemote,
        InitialMaxStreamDataUnidirectional = all.InitialMaxStreamDataUnidirectional,
        InitialMaxStreamsBidirectional = all.InitialMaxStreamsBidirectional,
        InitialMaxStreamsUnidirectional = all.InitialMaxStreamsUnidirectional,
        ActiveConnectionIdLimit = all.ActiveConnectionIdLimit,
        DisableActiveMigration = all.DisableActiveMigration,
        MaxDatagramFrameSize = all.MaxDatagramFrameSize,
    };

    /// <summary>Whether the server now permits less than it did, which early data may have used.</summary>
    public static bool AreReduced(TransportParameters remembered, TransportParameters now) =>
        now.InitialMaxData < remembered.InitialMaxData ||
        now.InitialMaxStreamDataBidirectionalLocal < remembered.InitialMaxStreamDataBidirectionalLocal ||
        now.InitialMaxStreamDataBidirectionalRemote < remembered.InitialMaxStreamDataBidirectionalRemote ||
        now.InitialMaxStreamDataUnidirectional < remembered.InitialMaxStreamDataUnidirectional ||
        now.InitialMaxStreamsBidirectional < remembered.InitialMaxStreamsBidirectional ||
        now.InitialMaxStreamsUnidirectional < remembered.InitialMaxStreamsUnidirectional ||
        now.ActiveConnectionIdLimit < remembered.ActiveConnectionIdLimit ||
        now.MaxDatagramFrameSize < remembered.MaxDatagramFrameSize;
}
