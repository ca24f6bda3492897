using System.Runtime.CompilerServices;

namespace MqttScion;

/// <summary>One enumeration of messages that are pulled: the reader takes them, and acknowledges when it wants.
/// </summary>
internal sealed class ReaderRecipient(SubscriptionHub hub, DeliveryBounds bounds, bool endsWithConnection = true)
    : Recipient(hub, bounds), IDeliveryConsumer
{
    // With the order in which they were given.
    private readonly Dictionary<MqttDelivery, long> _open = [];
    private readonly SemaphoreSlim _wake = new(0);
    private long _givenCount;

    public override bool EndsWithConnection => endsWithConnection;

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

    /// <summary>What was given and not answered comes first; the reader may still answer it until somebody else gets
    /// it.</summary>
    public override List<HeldMessage> TakeLeft() => [.. TakeOpen(), .. base.TakeLeft()];

    protected override void Wake() => _wake.Release();

    protected override void OnDisposed()
    {
        foreach (var left in TakeOpen())
        {
            Hub.Abandon(Subscription?.Filter.Topic, left);
        }
    }

    private List<HeldMessage> TakeOpen()
    {
        lock (_open)
        {
            var left = _open.OrderBy(each => each.Value).Select(each => new HeldMessage(
                new WaitingMessage(each.Key.Message, Delivery: null),
                each.Key,
                DeliveryOutcome.Failed | DeliveryOutcome.Left)).ToList();
            _open.Clear();
            return left;
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
                _open.Add(delivery, _givenCount++);
            }
        }
        return delivery;
    }
}
