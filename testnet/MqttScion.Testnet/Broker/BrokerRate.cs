namespace MqttScion.Testnet;

/// <summary>Counts events in each second of the broker's clock against a limit.</summary>
internal sealed class BrokerRate(int? limitPerSecond, TimeProvider time)
{
    private readonly Lock _lock = new();
    private long _startedAt = time.GetTimestamp();
    private int _count;

    /// <summary>False when the limit of the current second is used up.</summary>
    public bool TryCount()
    {
        if (limitPerSecond is not { } limit)
        {
            return true;
        }
        lock (_lock)
        {
            var now = time.GetTimestamp();
            if (time.GetElapsedTime(_startedAt, now) >= TimeSpan.FromSeconds(1))
            {
                (_startedAt, _count) = (now, 0);
            }
            return _count++ < limit;
        }
    }
}
