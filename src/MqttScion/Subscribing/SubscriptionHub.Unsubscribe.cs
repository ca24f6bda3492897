using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>UNSUBSCRIBEs that a user asked for by name: of filters that nobody uses here, and that the server's session
/// may have from before.</summary>
internal sealed partial class SubscriptionHub
{
    private readonly Dictionary<long, TaskCompletionSource<MqttClientUnsubscribeResult>> _unsubscribing = [];

    /// <summary>Takes a filter out of the server's session; completes with the answer.</summary>
    /// <exception cref="InvalidOperationException">A consumer of this client uses it.</exception>
    public Task<MqttClientUnsubscribeResult> UnsubscribeAsync(string filter)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isOver, typeof(ScionMqttClient));
            if (_byFilter.TryGetValue(filter, out var subscription))
            {
                if (!IsUnused(subscription))
                {
                    throw new InvalidOperationException($"'{filter}' is in use: {subscription.HolderCount} observers, "
                        + "handlers, readers and subscriptions of this client have it. Dispose them first.");
                }
                GiveUp(subscription);
            }
            if (!_abandoned.TryGetValue(filter, out var number))
            {
                Unsubscribe(filter);
                number = _lastUnsubscribe;
            }
            if (!_unsubscribing.TryGetValue(number, out var waiting))
            {
                waiting = new TaskCompletionSource<MqttClientUnsubscribeResult>(
                    TaskCreationOptions.RunContinuationsAsynchronously);
                _unsubscribing.Add(number, waiting);
            }
            return waiting.Task;
        }
    }

    private void Unsubscribe(Subscription subscription) => Unsubscribe(subscription.Filter.Topic);

    private void Unsubscribe(string filter)
    {
        _abandoned[filter] = ++_lastUnsubscribe;
        _link?.Unsubscribe(filter, _lastUnsubscribe);
    }

    // Of a session that the server has lost there is nothing to end.
    private void EndUnsubscribes()
    {
        foreach (var (number, waiting) in _unsubscribing.Where(u => !_abandoned.ContainsValue(u.Key)).ToArray())
        {
            _unsubscribing.Remove(number);
            waiting.TrySetResult(new MqttClientUnsubscribeResult
            {
                IsLocal = true,
                ReasonString = "The server has no session of this client from before, and so no such filter.",
            });
        }
    }

    private void FailUnsubscribes(Exception error)
    {
        foreach (var waiting in _unsubscribing.Values)
        {
            waiting.TrySetException(error);
            _ = waiting.Task.Exception; // Seen: the wait may have ended before.
        }
        _unsubscribing.Clear();
    }
}
