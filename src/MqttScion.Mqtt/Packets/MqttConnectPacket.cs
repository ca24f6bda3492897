namespace MqttScion.Mqtt;

/// <summary>CONNECT (MQTT 5 §3.1).</summary>
internal sealed record MqttConnectPacket
{
    public string ClientId { get; init; } = "";

    public bool CleanStart { get; init; }

    public ushort KeepAliveSeconds { get; init; }

    public string? UserName { get; init; }

    public byte[]? Password { get; init; }

    public MqttApplicationMessage? Will { get; init; }

    public uint WillDelaySeconds { get; init; }

    public MqttProperties? Properties { get; init; }
}
