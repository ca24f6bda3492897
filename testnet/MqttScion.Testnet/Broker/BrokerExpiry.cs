namespace MqttScion.Testnet;

/// <summary>When a message expires, on the clock of the broker.</summary>
internal readonly record struct BrokerExpiry(DateTimeOffset? At)
{
    public static BrokerExpiry From(uint? seconds, DateTimeOffset now) =>
        new(seconds is { } s ? now + TimeSpan.FromSeconds(s) : null);

    public bool IsOver(DateTimeOffset now) => At is { } at && at <= now;

    /// <summary>What is left in seconds, as [MQTT-3.3.2-6] wants it sent on; null when it never expires.</summary>
    public uint? SecondsLeft(DateTimeOffset now) =>
        At is { } at ? (uint)Math.Max(0, Math.Ceiling((at - now).TotalSeconds)) : null;
}
