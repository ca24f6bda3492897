using System.Diagnostics.CodeAnalysis;

namespace MqttScion.Transport;

/// <summary>
/// Who waits for a stream, in order. Those who have given up leave when others come, so that no more of them are kept
/// than of those who wait. Lives on the loop.
/// </summary>
internal sealed class StreamRequests
{
    private const int LeastSweep = 16;

    private Queue<StreamRequest> _waiting = new();
    private int _sweepAt = LeastSweep;

    /// <summary>How many are kept, those included who have given up.</summary>
    public int Count => _waiting.Count;

    public void Add(StreamRequest request)
    {
        if (_waiting.Count >= _sweepAt)
        {
            _waiting = new Queue<StreamRequest>(_waiting.Where(each => !each.IsOver));
            _sweepAt = Math.Max(LeastSweep, 2 * _waiting.Count);
        }
        _waiting.Enqueue(request);
    }

    /// <summary>The first who has not given up.</summary>
    public bool TryPeek([NotNullWhen(true)] out StreamRequest? request)
    {
        while (_waiting.TryPeek(out request) && request.IsOver)
        {
            _waiting.Dequeue();
        }
        return request is not null;
    }

    public void Fail(Exception cause)
    {
        while (_waiting.TryDequeue(out var request))
        {
            request.Fail(cause);
        }
    }
}
