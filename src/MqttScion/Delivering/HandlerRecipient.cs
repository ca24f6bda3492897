namespace MqttScion;

/// <summary>An asynchronous handler: so many messages at a time as its options say, each acknowledged when its task
/// ends.</summary>
internal sealed class HandlerRecipient(
    SubscriptionHub hub,
    DeliveryBounds bounds,
    Func<MqttDelivery, CancellationToken, ValueTask> handler)
    : Recipient(hub, bounds), IThreadPoolWorkItem, IDeliveryConsumer
{
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim? _hands = bounds.MaxConcurrency == 1 ? null : new(bounds.MaxConcurrency);
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when no more messages are handed over; fails with the reason when that is a failure.
    /// </summary>
    public Task Completion => _completion.Task;

    protected override DeliveryOutcome Unread => DeliveryOutcome.Refused | DeliveryOutcome.Left;

    public override void End(Exception? error)
    {
        base.End(error);
        _ = _stop.CancelAsync();
    }

    void IThreadPoolWorkItem.Execute() => _ = RunAsync();

    void IDeliveryConsumer.OnAnswered(MqttDelivery delivery)
    {
    }

    protected override void Wake() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);

    protected override void OnDisposed()
    {
        _completion.TrySetResult();
        _ = _stop.CancelAsync(); // On the thread pool: the disposing thread may hold what a callback waits for.
    }

    private async Task RunAsync()
    {
        while (true)
        {
            switch (Next(out var message, out var failure))
            {
                case Step.Take when _stop.IsCancellationRequested:
                    Leave(message);
                    break;
                case Step.Take when _hands is null:
                    await HandleAsync(message).ConfigureAwait(false);
                    break;
                case Step.Take:
                    await _hands.WaitAsync().ConfigureAwait(false);
                    if (_stop.IsCancellationRequested)
                    {
                        _hands.Release();
                        Leave(message); // It was disposed while the message waited for a hand.
                        break;
                    }
                    _ = Task.Run(() => HandleWithOthersAsync(message));
                    break;
                case Step.End:
                    Finish(failure);
                    return;
                default:
                    return;
            }
        }
    }

    private async Task HandleWithOthersAsync(WaitingMessage message)
    {
        await HandleAsync(message).ConfigureAwait(false);
        _hands!.Release();
    }

    private async ValueTask HandleAsync(WaitingMessage message)
    {
        var delivery = new MqttDelivery(message, this);
        var processing = new MessageProcessing(Hub.Telemetry, delivery.Message, Subscription!.Filter.Topic);
        try
        {
            await handler(delivery, _stop.Token).ConfigureAwait(false);
            processing.End();
        }
        catch (OperationCanceledException e) when (_stop.IsCancellationRequested)
        {
            processing.End(e);
            // It was told to stop, and did: nobody has had the message.
            if (delivery.Reclaim() is not null)
            {
                Leave(message);
            }
            return;
        }
        catch (Exception e)
        {
            processing.End(e);
            // User code: it may throw anything. The handler stays: the next message may be good.
            Hub.OnDropped(this, delivery.Message, MessageDropReason.ObserverFailed, e);
            delivery.TryAnswer(DeliveryOutcome.Failed);
            return;
        }
        delivery.TryAnswer(DeliveryOutcome.Taken);
    }

    private void Finish(Exception? failure)
    {
        if (failure is not null)
        {
            _completion.TrySetException(failure);
            _ = _completion.Task.Exception; // Seen: nobody need be waiting for it.
            Hub.OnEndFailed(this, failure);
        }
        Dispose();
    }
}
