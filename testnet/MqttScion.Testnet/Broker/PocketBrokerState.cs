namespace MqttScion.Testnet;

/// <summary>The sessions, subscriptions, queued and retained messages of a <see cref="PocketBroker"/>. One that is
/// given to a second broker after the first was disposed of makes that broker a restarted one.</summary>
/// <remarks>Only in memory. Serves one broker at a time.</remarks>
public sealed class PocketBrokerState
{
    private bool _isInUse;

    internal Dictionary<string, BrokerSession> Sessions { get; } = [];

    internal BrokerTopicTree Tree { get; } = new();

    internal BrokerRetained Retained { get; } = new();

    internal void Take()
    {
        if (Interlocked.Exchange(ref _isInUse, true))
        {
            throw new InvalidOperationException("The state serves another broker that was not disposed of yet.");
        }
    }

    internal void GiveBack() => Interlocked.Exchange(ref _isInUse, false);
}
