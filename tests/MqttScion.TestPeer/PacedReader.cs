using MqttScion.Mqtt;

namespace MqttScion.TestPeer;

/// <summary>
/// Takes messages no faster than a rate, and keeps account of what came, what was dropped and what was wrong.
/// </summary>
internal sealed class PacedReader(long bytesPerSecond, long expectedCount, TimeProvider time)
    : IObserver<MqttApplicationMessage>, IDisposable
{
    private readonly Lock _gate = new();
    private readonly ManualResetEvent _stop = new(initialState: false);
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _startedAt = time.GetTimestamp();
    private TimeSpan _firstAt;
    private TimeSpan _freeAt;
    private long _lastNumber = -1;
    private long _received;
    private long _receivedBytes;
    private long _damaged;
    private long _outOfOrder;
    private long _droppedTotal;
    private long _droppedReports;
    private long _droppedByFullQueue;
    private string? _failure;

    /// <summary>Completes when all expected messages were taken or reported as dropped, or no more can come.</summary>
    public Task Done => _done.Task;

    private TimeSpan Now => time.GetElapsedTime(_startedAt);

    /// <summary>Takes a message and returns when a reader of the rate would be done with it.</summary>
    public void OnNext(MqttApplicationMessage value)
    {
        var now = Now;
        lock (_gate)
        {
            _firstAt = _received == 0 ? now : _firstAt;
            _freeAt = (now > _freeAt ? now : _freeAt) + TimeSpan.FromSeconds(
                value.Payload.Length / (double)bytesPerSecond);
            Count(value.Payload.Span);
        }
        if (_freeAt > Now)
        {
            _stop.WaitOne(_freeAt - now);
        }
        CompleteIfAccounted();
    }

    public void OnError(Exception error)
    {
        lock (_gate)
        {
            _failure = error.Message;
        }
        _done.TrySetResult();
    }

    public void OnCompleted() => _done.TrySetResult();

    public void OnDropped(MessageDropped dropped)
    {
        lock (_gate)
        {
            _droppedTotal = Math.Max(_droppedTotal, dropped.TotalCount);
            _droppedReports++;
            _droppedByFullQueue += dropped.Reason == MessageDropReason.QueueFull ? 1 : 0;
        }
        CompleteIfAccounted();
    }

    /// <summary>Waits no more.</summary>
    public void Stop() => _stop.Set();

    public SubscriberTotals Totals()
    {
        lock (_gate)
        {
            return new SubscriberTotals(
                _received, _receivedBytes, _damaged, _outOfOrder, _droppedTotal, _droppedReports, _droppedByFullQueue,
                _failure, Now - _firstAt, PeerChannel.PeakResidentBytes);
        }
    }

    public void Dispose() => _stop.Dispose();

    private void Count(ReadOnlySpan<byte> payload)
    {
        _received++;
        _receivedBytes += payload.Length;
        if (!NumberedPayload.TryRead(payload, out var number))
        {
            _damaged++;
            return;
        }
        _outOfOrder += number > _lastNumber ? 0 : 1;
        _lastNumber = number;
    }

    private void CompleteIfAccounted()
    {
        lock (_gate)
        {
            if (_received + _droppedTotal >= expectedCount)
            {
                _done.TrySetResult();
            }
        }
    }
}
