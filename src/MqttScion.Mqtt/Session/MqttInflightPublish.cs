namespace MqttScion.Mqtt;

/// <summary>A QoS 1 or 2 publish that is not completed.</summary>
public sealed class MqttInflightPublish
{
    /// <summary>Makes one that a store has kept.</summary>
    /// <param name="token">What <see cref="MqttSession.Publish"/> returned.</param>
    /// <param name="message">The message.</param>
    /// <param name="packetId">The packet identifier of <see cref="MqttEventKind.PublishSent"/>; 0 when it never
    /// came.</param>
    /// <param name="isReleased">True when <see cref="MqttEventKind.PublishReleased"/> came.</param>
    /// <param name="acceptedAt">When the message's lifetime began, on the session's clock; may be negative.</param>
    /// <param name="reservedPacketId">See <see cref="ReservedPacketId"/>.</param>
    /// <exception cref="ArgumentException">Released, but without a packet identifier or not of QoS 2.</exception>
    public MqttInflightPublish(
        int token,
        MqttApplicationMessage message,
        ushort packetId,
        bool isReleased,
        TimeSpan acceptedAt,
        ushort reservedPacketId = 0)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (isReleased && (packetId == 0 || message.QualityOfServiceLevel != MqttQualityOfServiceLevel.ExactlyOnce))
        {
            throw new ArgumentException("Only a QoS 2 publish that was sent can be released.", nameof(isReleased));
        }
        Token = token;
        Message = message;
        PacketId = packetId;
        IsReleased = isReleased;
        AcceptedAt = acceptedAt;
        ReservedPacketId = reservedPacketId;
        IsOfEarlierConnection = true;
    }

    internal MqttInflightPublish() => Message = null!;

    /// <summary>What <see cref="MqttSession.Publish"/> returned; kept by the session that takes it over.</summary>
    public int Token { get; internal set; }

    /// <summary>The message.</summary>
    public MqttApplicationMessage Message { get; internal set; }

    /// <summary>True when the message was written to the stream at least once.</summary>
    public bool WasSent => PacketId != 0;

    /// <summary>The packet identifier; 0 while the publish waits for its first sending.</summary>
    public ushort PacketId { get; internal set; }

    /// <summary>The packet identifier that the owner chose before the message was first sent; 0 when the session
    /// chooses.</summary>
    public ushort ReservedPacketId { get; internal set; }

    /// <summary>True for QoS 2 once PUBREC came: PUBREL is what is sent again.</summary>
    public bool IsReleased { get; internal set; }

    /// <summary>When the message's lifetime began, on the clock of <c>now</c>.</summary>
    public TimeSpan AcceptedAt { get; internal set; }

    /// <summary>True while it uses up the Receive Maximum of the connection.</summary>
    internal bool IsOnConnection { get; set; }

    /// <summary>True when the owner can't tell whether the server has it: it says DUP, and does not expire.</summary>
    internal bool MayHaveBeenSent { get; set; }

    /// <summary>True while PUBREL waits for <see cref="MqttSession.Release"/>.</summary>
    internal bool IsReleaseHeld { get; set; }

    /// <summary>True when PUBREL was sent on an earlier connection and again on this one.</summary>
    internal bool IsReleaseRepeated { get; set; }

    /// <summary>True when its topic alias is of no meaning any more.</summary>
    internal bool IsOfEarlierConnection { get; set; }
}
