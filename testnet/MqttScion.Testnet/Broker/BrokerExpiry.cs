namespace MqttScion.Testnet;

/// <summary>When a message expires, on the clock of the broker.</summary>
/// <param name="At">The end of its interval.</param>
/// <param name="OverAt">From when on it is not delivered any more: §3.3.2.3.3 counts whole seconds, and an interval of
/// 0 has not passed before the first one has.</param>
internal readonly record struct BrokerExpiry(DateTimeOffset? At, DateTimeOffset? OverAt)
{
    public static BrokerExpiry From(uint? seconds, DateTimeOffset now) => seconds is { } s
        ? new(now + TimeSpan.FromSeconds(s), now + TimeSpan.FromSeconds(Math.Max(1, s)))
        : default;

    public bool IsOver(DateTimeOffset now) => OverAt is { } at && at <= now;

    /// <summary>What is left in seconds, as [MQTT-3.3.2-6] wants it sent on; null when it never expires.</summary>
    public uint? SecondsLeft(DateTimeOffset now) =>
        At is { } at ? (uint)Math.Max(0, Math.Ceiling((at - now).TotalSeconds)) : null;
}
