namespace MqttScion.Mqtt;

/// <summary>A QoS 1 or 2 publish that is not completed.</summary>
public sealed class MqttInflightPublish
{
    internal MqttInflightPublish(int token, MqttApplicationMessage message)
    {
        Token = token;
        Message = message;
    }

    /// <summary>What <see cref="MqttSession.Publish"/> returned; kept by the session that takes it over.</summary>
    public int Token { get; }

    /// <summary>The message.</summary>
    public MqttApplicationMessage Message { get; }

    /// <summary>True when the message was written to the stream at least once.</summary>
    public bool WasSent => PacketId != 0;

    /// <summary>The packet identifier; 0 while the publish waits for its first sending.</summary>
    internal ushort PacketId { get; set; }

    /// <summary>True while it uses up the Receive Maximum of the connection.</summary>
    internal bool IsOnConnection { get; set; }

    /// <summary>True for QoS 2 once PUBREC came: PUBREL is what is sent again.</summary>
    internal bool IsReleased { get; set; }
}
