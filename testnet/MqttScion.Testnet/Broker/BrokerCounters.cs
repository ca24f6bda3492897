namespace MqttScion.Testnet;

/// <summary>The broker's counters; any thread adds to them.</summary>
internal sealed class BrokerCounters
{
    private long _received;
    private long _delivered;
    private long _droppedAtMostOnce;
    private long _refusedAtLeastOnce;
    private long _droppedAway;
    private long _droppedTooLarge;
    private long _expired;

    public void OnReceived() => Interlocked.Increment(ref _received);

    public void OnDelivered() => Interlocked.Increment(ref _delivered);

    public void OnDroppedAtMostOnce() => Interlocked.Increment(ref _droppedAtMostOnce);

    public void OnRefusedAtLeastOnce() => Interlocked.Increment(ref _refusedAtLeastOnce);

    public void OnDroppedAway() => Interlocked.Increment(ref _droppedAway);

    public void OnDroppedTooLarge() => Interlocked.Increment(ref _droppedTooLarge);

    public void OnExpired() => Interlocked.Increment(ref _expired);

    public PocketBrokerStatistics Read() => new(
        Interlocked.Read(ref _received), Interlocked.Read(ref _delivered), Interlocked.Read(ref _droppedAtMostOnce),
        Interlocked.Read(ref _refusedAtLeastOnce), Interlocked.Read(ref _droppedTooLarge),
        Interlocked.Read(ref _expired), Interlocked.Read(ref _droppedAway));
}
