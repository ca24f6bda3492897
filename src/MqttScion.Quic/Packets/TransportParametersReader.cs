using System.Diagnostics.CodeAnalysis;

namespace MqttScion.Quic;

/// <summary>Decodes transport parameters and checks each value against RFC 9000 §18.2.</summary>
internal static class TransportParametersReader
{
    private const ulong MinUdpPayloadSize = 1200;
    private const ulong MaxAckDelayExponent = 20;
    private const ulong MaxAckDelayLimit = 1 << 14;
    private const ulong MaxStreamCount = 1UL << 60;
    private const int MaxParameters = 128;
    private const int ResetTokenLength = 16;
    private const int PreferredAddressFixedLength = 4 + 2 + 16 + 2;

    /// <summary>Decodes the peer's parameters; false with the reason when they are malformed or invalid.</summary>
    public static bool TryRead(
        ReadOnlySpan<byte> encoded,
        bool fromServer,
        [NotNullWhen(true)] out TransportParameters? parameters,
        out string reason)
    {
        parameters = new TransportParameters();
        reason = "the transport parameters are truncated";
        var reader = new ByteReader(encoded);
        var seen = new HashSet<ulong>();
        while (!reader.IsAtEnd)
        {
            if (!reader.TryReadVarInt(out var id) || !reader.TryReadPrefixed(out var value))
            {
                parameters = null;
                return false;
            }

            if (seen.Count < MaxParameters && seen.Add(id) && TryReadOne(parameters, id, value, fromServer))
                continue;
            reason = $"transport parameter 0x{id:x2} is repeated or invalid";
            parameters = null;
            return false;
        }

        reason = "";
        return true;
    }

    private static bool TryReadOne(TransportParameters target, ulong id, ReadOnlySpan<byte> value, bool fromServer)
    {
        switch ((TransportParameterId)id)
        {
            case TransportParameterId.OriginalDestinationConnectionId:
                target.OriginalDestinationId = ReadId(value);
                return fromServer && target.OriginalDestinationId is not null;
            case TransportParameterId.InitialSourceConnectionId:
                target.InitialSourceId = ReadId(value);
                return target.InitialSourceId is not null;
            case TransportParameterId.RetrySourceConnectionId:
                target.RetrySourceId = ReadId(value);
                return fromServer && target.RetrySourceId is not null;
            case TransportParameterId.StatelessResetToken:
                target.StatelessResetToken = value.ToArray();
                return fromServer && value.Length == ResetTokenLength;
            case TransportParameterId.PreferredAddress:
                return fromServer && TryReadPreferredAddress(target, value);
            case TransportParameterId.DisableActiveMigration:
                target.DisableActiveMigration = true;
                return value.IsEmpty;
            case TransportParameterId.GreaseQuicBit:
                target.GreaseQuicBit = true;
                return value.IsEmpty;
            case > TransportParameterId.RetrySourceConnectionId and not TransportParameterId.MaxDatagramFrameSize:
                // RFC 9000 §7.4.2: parameters that are not known are ignored.
                return true;
            default:
                return VarInt.TryRead(value, out var number, out var length) && length == value.Length &&
                    TrySetInteger(target, (TransportParameterId)id, number);
        }
    }

    private static bool TrySetInteger(TransportParameters target, TransportParameterId id, ulong value)
    {
        switch (id)
        {
            case TransportParameterId.MaxIdleTimeout:
                target.MaxIdleTimeout = value;
                return true;
            case TransportParameterId.MaxUdpPayloadSize:
                target.MaxUdpPayloadSize = value;
                return value >= MinUdpPayloadSize;
            case TransportParameterId.InitialMaxData:
                target.InitialMaxData = value;
                return true;
            case TransportParameterId.InitialMaxStreamDataBidirectionalLocal:
                target.InitialMaxStreamDataBidirectionalLocal = value;
                return true;
            case TransportParameterId.InitialMaxStreamDataBidirectionalRemote:
                target.InitialMaxStreamDataBidirectionalRemote = value;
                return true;
            case TransportParameterId.InitialMaxStreamDataUnidirectional:
                target.InitialMaxStreamDataUnidirectional = value;
                return true;
            case TransportParameterId.InitialMaxStreamsBidirectional:
                target.InitialMaxStreamsBidirectional = value;
                return value <= MaxStreamCount;
            case TransportParameterId.InitialMaxStreamsUnidirectional:
                target.InitialMaxStreamsUnidirectional = value;
                return value <= MaxStreamCount;
            case TransportParameterId.AckDelayExponent:
                target.AckDelayExponent = value;
                return value <= MaxAckDelayExponent;
            case TransportParameterId.MaxAckDelay:
                target.MaxAckDelay = value;
                return value < MaxAckDelayLimit;
            case TransportParameterId.ActiveConnectionIdLimit:
                target.ActiveConnectionIdLimit = value;
                return value >= TransportParameters.MinConnectionIdLimit;
            case TransportParameterId.MaxDatagramFrameSize:
                target.MaxDatagramFrameSize = value;
                return true;
            default:
                return false;
        }
    }

    private static ConnectionId? ReadId(ReadOnlySpan<byte> value) =>
        value.Length <= ConnectionId.MaxLength ? new ConnectionId(value) : null;

    // The address itself is not used: SCION hosts don't migrate below the path. Its id is as good as any other.
    private static bool TryReadPreferredAddress(TransportParameters target, ReadOnlySpan<byte> value)
    {
        var reader = new ByteReader(value);
        if (!reader.TryReadBytes(PreferredAddressFixedLength, out _) || !reader.TryReadByte(out var length) ||
            length is < 1 or > ConnectionId.MaxLength || !reader.TryReadBytes(length, out var id) ||
            !reader.TryReadBytes(ResetTokenLength, out var token) || !reader.IsAtEnd)
            return false;
        target.PreferredAddressId = new ConnectionId(id);
        target.PreferredAddressToken = token.ToArray();
        return true;
    }
}
