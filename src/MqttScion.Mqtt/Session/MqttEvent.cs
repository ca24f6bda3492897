namespace MqttScion.Mqtt;

/// <summary>Something that an <see cref="MqttSession"/> tells its owner. Which members are set depends on the
/// kind.</summary>
public readonly record struct MqttEvent
{
    private readonly object? _content;

    internal MqttEvent(MqttEventKind kind, object? content, int token = 0, ushort packetId = 0)
    {
        Kind = kind;
        Token = token;
        PacketId = packetId;
        _content = content;
    }

    /// <summary>What happened.</summary>
    public MqttEventKind Kind { get; }

    /// <summary>Of a completion or the progress of a publish: what Publish, Subscribe or Unsubscribe
    /// returned.</summary>
    public int Token { get; }

    /// <summary>Of a message: what to acknowledge it with; 0 when it needs no acknowledgement (QoS 0). Of the progress
    /// of a publish: its packet identifier.</summary>
    public ushort PacketId { get; }

    /// <summary>Of Connected and ConnectRefused.</summary>
    public MqttClientConnectResult? ConnectResult => _content as MqttClientConnectResult;

    /// <summary>Of PublishCompleted.</summary>
    public MqttClientPublishResult? PublishResult => _content as MqttClientPublishResult;

    /// <summary>Of SubscribeCompleted.</summary>
    public MqttClientSubscribeResult? SubscribeResult => _content as MqttClientSubscribeResult;

    /// <summary>Of UnsubscribeCompleted.</summary>
    public MqttClientUnsubscribeResult? UnsubscribeResult => _content as MqttClientUnsubscribeResult;

    /// <summary>Of MessageReceived.</summary>
    public MqttApplicationMessage? Message => _content as MqttApplicationMessage;

    /// <summary>Of AuthenticationRequired and ReAuthenticated.</summary>
    public MqttAuthentication? Authentication => _content as MqttAuthentication;

    /// <summary>Of Disconnected and Failed.</summary>
    public MqttSessionEnd? End => _content as MqttSessionEnd;
}
