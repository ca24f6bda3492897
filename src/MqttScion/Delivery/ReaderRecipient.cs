using System.Runtime.CompilerServices;

namespace MqttScion;

/// <summary>One enumeration of messages that are pulled: the reader takes them, and acknowledges when it wants.
/// </summary>
internal sealed class ReaderRecipient(SubscriptionHub hub, DeliveryBounds bounds)
    : Recipient(hub, bounds), IDeliveryConsumer
{
    private readonly HashSet<MqttDelivery> _open = [];
    private readonly SemaphoreSlim _wake = new(0);

    public override bool EndsWithConnection => true;

    protected override DeliveryOutcome Unread => DeliveryOutcome.Refused | DeliveryOutcome.Left;

    /// <summary>The messages, until the end; to be enumerated once.</summary>
    public async IAsyncEnumerable<MqttDelivery> ReadAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            switch (Next(out var message, out var failure))
            {
                case Step.Take:
                    yield return Open(message);
                    break;
                case Step.End when failure is not null:
                    throw failure;
                case Step.End:
                    yield break;
                default:
                    await _wake.WaitAsync(cancellationToken).ConfigureAwait(false);
                    break;
            }
        }
    }

    public void OnAnswered(MqttDelivery delivery)
    {
        lock (_open)
        {
            _open.Remove(delivery);
        }
    }

    protected override void Wake() => _wake.Release();

    protected override void OnDisposed()
    {
        MqttDelivery[] left;
        lock (_open)
        {
            left = [.. _open];
        }
        foreach (var delivery in left)
        {
            if (delivery.TryAnswer(DeliveryOutcome.Failed | DeliveryOutcome.Left))
            {
                Hub.OnDropped(this, delivery.Message, MessageDropReason.NotAcknowledged);
            }
        }
    }

    private MqttDelivery Open(in WaitingMessage message)
    {
        var delivery = new MqttDelivery(message, this);
        // What the reader does with it has no beginning and end that we know: it is counted, and not timed.
        Hub.Telemetry.Metrics.OnProcessed(message.Message, error: null, duration: null);
        if (delivery.IsOpen)
        {
            lock (_open)
            {
                _open.Add(delivery);
            }
        }
        return delivery;
    }
}
