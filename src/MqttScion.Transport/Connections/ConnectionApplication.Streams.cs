using MqttScion.Quic;
using MqttScion.Udp;

namespace MqttScion.Transport;

/// <content>
/// Streams. Those of the peer are read only once somebody has accepted them, so that what nobody takes is held by flow
/// control. Of many streams, only those are looked at of which an event or their user tells.
/// </content>
internal sealed partial class ConnectionApplication
{
    private Dictionary<long, StreamPipe>? _pipes;
    private List<StreamPipe> _due = [];
    private List<StreamPipe> _turn = [];
    private List<StreamPipe>? _finishing;
    private Queue<QuicStream>? _waiting;
    private Queue<StreamRequest>? _accepting;
    private Queue<StreamRequest>? _opening;

    private bool IsEveryInputDone => _pipes is null || _pipes.Values.All(p => p.IsInputDone);

    // What nobody has completed, nobody can wait for.
    private bool IsEverythingDelivered =>
        _pipes is null || _pipes.Values.All(p => p.IsEverythingDelivered || !p.IsOutputCompleted);

    private long AcknowledgedBytes => _pipes?.Values.Sum(p => p.AcknowledgedBytes) ?? 0;

    /// <summary>
    /// Opens a stream as soon as the peer permits one more; fails when the connection is over. Callable from any
    /// thread.
    /// </summary>
    public Task<StreamPipe> OpenStreamAsync(bool bidirectional, CancellationToken cancellationToken) =>
        RequestAsync(new StreamRequest(this, IsAccept: false, bidirectional), cancellationToken);

    /// <summary>
    /// Takes the next stream of the peer; fails when the connection is over and there is none left. Callable from any
    /// thread.
    /// </summary>
    public Task<StreamPipe> AcceptStreamAsync(CancellationToken cancellationToken) =>
        RequestAsync(new StreamRequest(this, IsAccept: true, IsBidirectional: true), cancellationToken);

    /// <summary>Has a stream looked at before the loop waits. On the loop.</summary>
    public void MarkDue(StreamPipe pipe)
    {
        if (!pipe.IsDue)
        {
            pipe.IsDue = true;
            _due.Add(pipe);
        }
        _connection!.MarkDirty();
    }

    private async Task<StreamPipe> RequestAsync(StreamRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_connection?.Post(request) != true)
        {
            throw _ended.Task.IsCompleted
                ? await _ended.Task.ConfigureAwait(false)
                : new ObjectDisposedException("The endpoint loop ended.", innerException: null);
        }
        using (cancellationToken.UnsafeRegister(
            static (state, token) => ((StreamRequest)state!).Result.TrySetCanceled(token), request))
        {
            return await request.Result.Task.ConfigureAwait(false);
        }
    }

    private void OnStreamOpened(long id)
    {
        if (!_connection!.Quic.TryGetStream(id, out var stream))
        {
            return;
        }
        _waiting ??= new Queue<QuicStream>();
        if (_waiting.Count >= options.MaxWaitingStreams)
        {
            // A stream that was reset is over, and the peer may open another in its place.
            _waiting = new Queue<QuicStream>(_waiting.Where(s => s.PeerResetCode is null));
        }
        _waiting.Enqueue(stream);
        AcceptRequested();
    }

    private void AcceptRequested()
    {
        while (_accepting?.Count > 0 && _waiting?.Count > 0)
        {
            var request = _accepting.Dequeue();
            if (request.Result.Task.IsCompleted)
            {
                continue;
            }
            var pipe = Take(_waiting.Dequeue(), isOurs: false);
            if (!request.Result.TrySetResult(pipe))
            {
                // Given up at this moment: the stream is the next one's.
                Forget(pipe);
                _waiting = new Queue<QuicStream>(_waiting.Prepend(pipe.Stream));
            }
        }
    }

    private void OpenRequested()
    {
        while (_closed is null && _opening?.Count > 0)
        {
            var request = _opening.Peek();
            if (!request.Result.Task.IsCompleted)
            {
                if (!_connection!.Quic.TryOpenStream(request.IsBidirectional, out var stream))
                {
                    return; // StreamsAvailable tells when there is one.
                }
                var pipe = Take(stream, isOurs: true);
                if (!request.Result.TrySetResult(pipe))
                {
                    pipe.Abort(new OperationCanceledException());
                    stream.Reset(0);
                    stream.StopSending(0);
                }
            }
            _opening.Dequeue();
        }
    }

    private StreamPipe Take(QuicStream stream, bool isOurs)
    {
        var pipe = new StreamPipe(this, _connection!, stream, isOurs, options.BufferBytes);
        (_pipes ??= [])[stream.Id] = pipe;
        MarkDue(pipe);
        return pipe;
    }

    private void Forget(StreamPipe pipe)
    {
        _pipes!.Remove(pipe.Stream.Id);
        _due.Remove(pipe);
        pipe.Abort(new OperationCanceledException());
    }

    private void MarkAllDue()
    {
        foreach (var pipe in _pipes?.Values.AsEnumerable() ?? [])
        {
            MarkDue(pipe);
        }
    }

    private void PumpStreams()
    {
        while (_due.Count > 0)
        {
            (_due, _turn) = (_turn, _due);
            foreach (var pipe in _turn)
            {
                pipe.IsDue = false;
                pipe.Pump(_closed);
                if (pipe is { IsOver: true, IsFinishing: false })
                {
                    pipe.IsFinishing = true;
                    (_finishing ??= []).Add(pipe);
                }
            }
            _turn.Clear();
        }
        _finishing?.RemoveAll(Leave);
    }

    private bool Leave(StreamPipe pipe) =>
        (_closed is not null || pipe.IsEverythingDelivered) && _pipes!.Remove(pipe.Stream.Id);

    private void EndStreams()
    {
        MarkAllDue();
        while (_opening?.Count > 0)
        {
            _opening.Dequeue().Result.TrySetException(_closed!);
        }
        while (_accepting?.Count > 0)
        {
            _accepting.Dequeue().Result.TrySetException(_closed!);
        }
    }

    /// <summary>Lets go of what nobody is going to read. On the loop.</summary>
    private void AbortStreams()
    {
        _waiting?.Clear();
        foreach (var pipe in _pipes?.Values.AsEnumerable() ?? [])
        {
            pipe.Abort(_closed!);
        }
    }

    private sealed record StreamRequest(ConnectionApplication Owner, bool IsAccept, bool IsBidirectional) : ILoopWork
    {
        public TaskCompletionSource<StreamPipe> Result { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Run(TimeSpan now)
        {
            var queue = IsAccept ? Owner._accepting ??= new() : Owner._opening ??= new();
            if (Owner._closed is { } closed && !(IsAccept && Owner._waiting?.Count > 0))
            {
                Result.TrySetException(closed);
                return;
            }
            queue.Enqueue(this);
            if (IsAccept)
            {
                Owner.AcceptRequested();
            }
            Owner._connection!.MarkDirty();
        }

        public void Drop(Exception? defect) =>
            Result.TrySetException(new ObjectDisposedException("The endpoint loop ended.", defect));
    }
}
