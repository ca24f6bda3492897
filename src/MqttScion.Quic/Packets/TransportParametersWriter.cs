namespace MqttScion.Quic;

/// <summary>Encodes transport parameters (RFC 9000 §18).</summary>
internal static class TransportParametersWriter
{
    /// <summary>How many random bytes make a parameter without a meaning.</summary>
    public const int GreaseBytes = 8;

    private const int GreaseIdStep = 31;
    private const int GreaseIdStart = 27;

    /// <summary>
    /// Encodes all parameters that differ from their defaults, and one that means nothing (RFC 9000 §18.1) when there
    /// are random bytes for it.
    /// </summary>
    public static byte[] Write(TransportParameters parameters, ReadOnlySpan<byte> grease = default)
    {
        var writer = new ByteWriter(stackalloc byte[TransportParameters.MaxEncodedLength]);
        var defaults = new TransportParameters();
        WriteId(ref writer, TransportParameterId.OriginalDestinationConnectionId, parameters.OriginalDestinationId);
        WriteId(ref writer, TransportParameterId.InitialSourceConnectionId, parameters.InitialSourceId);
        WriteId(ref writer, TransportParameterId.RetrySourceConnectionId, parameters.RetrySourceId);
        if (parameters.StatelessResetToken is { } token)
        {
            writer.WriteVarInt((ulong)TransportParameterId.StatelessResetToken);
            writer.WritePrefixed(token);
        }

        if (parameters.DisableActiveMigration)
        {
            writer.WriteVarInt((ulong)TransportParameterId.DisableActiveMigration);
            writer.WriteVarInt(0);
        }

        for (var id = TransportParameterId.MaxIdleTimeout; id <= TransportParameterId.ActiveConnectionIdLimit; id++)
        {
            if (Value(parameters, id) is { } value && value != Value(defaults, id))
                WriteInteger(ref writer, id, value);
        }

        if (parameters.MaxDatagramFrameSize > 0)
            WriteInteger(ref writer, TransportParameterId.MaxDatagramFrameSize, parameters.MaxDatagramFrameSize);
        if (parameters.GreaseQuicBit)
        {
            writer.WriteVarInt((ulong)TransportParameterId.GreaseQuicBit);
            writer.WriteVarInt(0);
        }

        if (!grease.IsEmpty)
        {
            // From 0x3f upwards, where nothing that we know is.
            writer.WriteVarInt(GreaseIdStart + GreaseIdStep * (2UL + grease[0]));
            writer.WritePrefixed(grease[1..]);
        }

        return writer.Written.ToArray();
    }

    private static ulong? Value(TransportParameters parameters, TransportParameterId id) => id switch
    {
        TransportParameterId.MaxIdleTimeout => parameters.MaxIdleTimeout,
        TransportParameterId.MaxUdpPayloadSize => parameters.MaxUdpPayloadSize,
        TransportParameterId.InitialMaxData => parameters.InitialMaxData,
        TransportParameterId.InitialMaxStreamDataBidirectionalLocal =>
            parameters.InitialMaxStreamDataBidirectionalLocal,
        TransportParameterId.InitialMaxStreamDataBidirectionalRemote =>
            parameters.InitialMaxStreamDataBidirectionalRemote,
        TransportParameterId.InitialMaxStreamDataUnidirectional => parameters.InitialMaxStreamDataUnidirectional,
        TransportParameterId.InitialMaxStreamsBidirectional => parameters.InitialMaxStreamsBidirectional,
        TransportParameterId.InitialMaxStreamsUnidirectional => parameters.InitialMaxStreamsUnidirectional,
        TransportParameterId.AckDelayExponent => parameters.AckDelayExponent,
        TransportParameterId.MaxAckDelay => parameters.MaxAckDelay,
        TransportParameterId.ActiveConnectionIdLimit => parameters.ActiveConnectionIdLimit,
        _ => null,
    };

    private static void WriteInteger(ref ByteWriter writer, TransportParameterId id, ulong value)
    {
        writer.WriteVarInt((ulong)id);
        writer.WriteVarInt((ulong)VarInt.Length(value));
        writer.WriteVarInt(value);
    }

    private static void WriteId(ref ByteWriter writer, TransportParameterId id, ConnectionId? value)
    {
        if (value is not { } connectionId)
            return;
        writer.WriteVarInt((ulong)id);
        writer.WriteVarInt((ulong)connectionId.Length);
        writer.Advance(connectionId.CopyTo(writer.Free));
    }
}
