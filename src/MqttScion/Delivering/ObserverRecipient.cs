using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>An observer of <see cref="IScionMqttClient.Messages(MqttTopicFilter, MqttDeliveryOptions)"/>, called on
/// the thread pool.</summary>
internal sealed class ObserverRecipient(
    SubscriptionHub hub,
    DeliveryBounds bounds,
    IObserver<MqttApplicationMessage> observer) : Recipient(hub, bounds), IThreadPoolWorkItem
{
    void IThreadPoolWorkItem.Execute()
    {
        while (true)
        {
            switch (Next(out var message, out var failure))
            {
                case Step.Take:
                    HandOver(message);
                    break;
                case Step.End:
                    Finish(failure);
                    return;
                default:
                    return;
            }
        }
    }

    protected override void Wake() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);

    private void HandOver(in WaitingMessage message)
    {
        if (IsDisposed)
        {
            Leave(message);
            return;
        }
        var processing = new MessageProcessing(Hub.Telemetry, message.Message, Subscription!.Filter.Topic);
        try
        {
            observer.OnNext(message.Message);
            processing.End();
        }
        catch (Exception e)
        {
            processing.End(e);
            // User code: it may throw anything. The observer is detached, the others go on.
            Hub.OnDropped(this, message.Message, MessageDropReason.ObserverFailed, e);
            message.Delivery?.Complete(DeliveryOutcome.Failed);
            Dispose();
            Tell(e);
            return;
        }
        message.Delivery?.Complete(DeliveryOutcome.Taken);
    }

    private void Tell(Exception error)
    {
        try
        {
            observer.OnError(error);
        }
        catch (Exception e)
        {
            // User code, or Rx for an observer without OnError, which throws what it is given: that is reported.
            if (e != error)
            {
                Hub.OnEndFailed(this, e);
            }
        }
    }

    private void Finish(Exception? failure)
    {
        try
        {
            if (failure is null)
            {
                observer.OnCompleted();
            }
            else
            {
                observer.OnError(failure);
            }
        }
        catch (Exception e)
        {
            // User code, or Rx for an observer without OnError: thrown on a pool thread it would end the process.
            Hub.OnEndFailed(this, e);
        }
        Dispose();
    }
}
