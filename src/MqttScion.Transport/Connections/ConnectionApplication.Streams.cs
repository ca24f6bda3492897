using MqttScion.Quic;

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
    private StreamRequests? _accepting;
    private StreamRequests? _openingBidirectional;
    private StreamRequests? _openingUnidirectional;

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
        RequestAsync(
            bidirectional ? StreamRequestKind.OpenBidirectional : StreamRequestKind.OpenUnidirectional,
            cancellationToken);

    /// <summary>
    /// Takes the next stream of the peer; fails when the connection is over and there is none left. Callable from any
    /// thread.
    /// </summary>
    public Task<StreamPipe> AcceptStreamAsync(CancellationToken cancellationToken) =>
        RequestAsync(StreamRequestKind.Accept, cancellationToken);

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

    /// <summary>Puts a request behind those of its kind. On the loop.</summary>
    public void Take(StreamRequest request)
    {
        if (_closed is { } closed && !(request.Kind == StreamRequestKind.Accept && _waiting?.Count > 0))
        {
            request.Fail(closed);
            return;
        }
        QueueOf(request.Kind).Add(request);
        AcceptRequested();
        _connection!.MarkDirty();
    }

    private async Task<StreamPipe> RequestAsync(StreamRequestKind kind, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var request = new StreamRequest(this, kind);
        if (_connection?.Post(request) != true)
        {
            throw _ended.Task.IsCompleted
                ? await _ended.Task.ConfigureAwait(false)
                : new ObjectDisposedException("The endpoint loop ended.", innerException: null);
        }
        using (cancellationToken.UnsafeRegister(
            static (state, token) => ((StreamRequest)state!).GiveUp(token), request))
        {
            return await request.Result.ConfigureAwait(false);
        }
    }

    private StreamRequests QueueOf(StreamRequestKind kind) => kind switch
    {
        StreamRequestKind.Accept => _accepting ??= new(),
        StreamRequestKind.OpenBidirectional => _openingBidirectional ??= new(),
        _ => _openingUnidirectional ??= new(),
    };

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
        while (_waiting?.Count > 0 && _accepting is { } accepting && accepting.TryPeek(out var request))
        {
            var pipe = Take(_waiting.Dequeue(), isOurs: false);
            if (!request.TryFulfil(pipe))
            {
                // Given up at this moment: the stream is the next one's.
                Forget(pipe);
                _waiting = new Queue<QuicStream>(_waiting.Prepend(pipe.Stream));
            }
        }
    }

    private void OpenRequested(StreamRequests? opening, bool isBidirectional)
    {
        // StreamsAvailable tells when there are more.
        while (_closed is null
            && opening?.TryPeek(out var request) == true
            && _connection!.Quic.TryOpenStream(isBidirectional, out var stream))
        {
            var pipe = Take(stream, isOurs: true);
            if (!request.TryFulfil(pipe))
            {
                pipe.Abort(new OperationCanceledException());
                stream.Reset(0);
                stream.StopSending(0);
            }
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
        _openingBidirectional?.Fail(_closed!);
        _openingUnidirectional?.Fail(_closed!);
        _accepting?.Fail(_closed!);
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
}
