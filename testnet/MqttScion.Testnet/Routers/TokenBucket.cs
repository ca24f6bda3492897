namespace MqttScion.Testnet;

/// <summary>A token bucket, kept as the time until which it is used up; it reads no clock.</summary>
/// <remarks>Things have a cost in time: what they take at the bucket's rate. A value to keep in a field.</remarks>
internal struct TokenBucket
{
    private TimeSpan _usedUntil;

    /// <summary>When a thing would have paid its cost in full; it may go at once when that is not after now.</summary>
    /// <param name="cost">The time that it takes at the bucket's rate.</param>
    /// <param name="burst">The depth of the bucket: time at its rate that it saves up while idle.</param>
    /// <param name="now">The time.</param>
    internal readonly TimeSpan PaidAt(TimeSpan cost, TimeSpan burst, TimeSpan now) =>
        (_usedUntil > now - burst ? _usedUntil : now - burst) + cost;

    /// <summary>Takes the tokens of a thing that <see cref="PaidAt"/> was asked about.</summary>
    internal void Take(TimeSpan paidAt) => _usedUntil = paidAt;
}
