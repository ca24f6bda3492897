using System.Reactive.Disposables;
using System.Threading.Channels;
using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>Messages of one client published by another: each is acknowledged when its copy is.</summary>
internal sealed class DeliveryPublish(MessageObservable source, IScionMqttClient client, int maxInFlight)
    : IObservable<MqttClientPublishResult>
{
    public IDisposable Subscribe(IObserver<MqttClientPublishResult> observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        var reader = source.Read();
        var stop = new CancellationTokenSource();
        _ = RunAsync(reader, observer, stop);
        return Disposable.Create(() => stop.Cancel());
    }

    private async Task RunAsync(
        ReaderRecipient reader, IObserver<MqttClientPublishResult> observer, CancellationTokenSource stop)
    {
        var started = Channel.CreateUnbounded<(MqttDelivery Delivery, Task<MqttClientPublishResult> Publish)>();
        using var room = new SemaphoreSlim(maxInFlight);
        var starting = StartAsync(reader, started.Writer, room, stop.Token);
        Exception? error = null;
        try
        {
            await foreach (var (delivery, publish) in started.Reader.ReadAllAsync().ConfigureAwait(false))
            {
                var result = await publish.ConfigureAwait(false);
                Answer(delivery, result);
                if (!stop.IsCancellationRequested)
                {
                    observer.OnNext(result);
                }
                room.Release();
            }
        }
        catch (Exception e)
        {
            error = e; // Of the source, the publish or the observer: for the observer to know.
        }
        var isDisposed = stop.IsCancellationRequested;
        await stop.CancelAsync().ConfigureAwait(false);
        await starting.ConfigureAwait(false);
        while (started.Reader.TryRead(out var left))
        {
            // Given up with the rest: what it fails with is nobody's any more.
            _ = left.Publish.ContinueWith(static publish => _ = publish.Exception, TaskScheduler.Default);
        }
        reader.Dispose();
        if (!isDisposed)
        {
            Tell(observer, error);
        }
    }

    // Ends with the source, or with the token; its end is that of the channel.
    private async Task StartAsync(
        ReaderRecipient reader,
        ChannelWriter<(MqttDelivery Delivery, Task<MqttClientPublishResult> Publish)> started,
        SemaphoreSlim room,
        CancellationToken stop)
    {
        Exception? error = null;
        try
        {
            await foreach (var delivery in reader.ReadAsync(stop).ConfigureAwait(false))
            {
                await room.WaitAsync(stop).ConfigureAwait(false);
                // Never refused: there is no bound but the room, and only this method completes it.
                started.TryWrite((delivery, client.PublishAsync(delivery.Message, stop).AsTask()));
            }
        }
        catch (Exception e)
        {
            error = e;
        }
        started.TryComplete(error);
    }

    private void Answer(MqttDelivery delivery, MqttClientPublishResult result)
    {
        if (result.IsSuccess)
        {
            delivery.Acknowledge();
            return;
        }
        source.Report(delivery.Message, new InvalidOperationException(
            $"The copy on '{delivery.Message.Topic}' was refused: {result.ReasonCode} "
            + $"(0x{(int)result.ReasonCode:x2}) {result.ReasonString}"));
        delivery.TryAnswer(DeliveryOutcome.Failed);
    }

    private void Tell(IObserver<MqttClientPublishResult> observer, Exception? error)
    {
        try
        {
            if (error is null)
            {
                observer.OnCompleted();
            }
            else
            {
                observer.OnError(error);
            }
        }
        catch (Exception e)
        {
            // User code, or Rx for an observer without OnError: it is reported.
            source.Report(item: null, e);
        }
    }
}
