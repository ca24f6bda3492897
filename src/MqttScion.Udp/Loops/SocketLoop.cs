using System.Collections.Concurrent;

namespace MqttScion.Udp;

/// <summary>
/// One thread that drives sockets and what stands on them: runs what others posted, takes what arrives, keeps the time,
/// and waits when there is nothing to do.
/// </summary>
/// <remarks>
/// Any thread may call <see cref="Post"/>, <see cref="Stop"/> and the disposal, and read <see cref="Now"/> and
/// <see cref="Ended"/>. A turn is bounded: as much posted work as there was at its start, then so many receives from
/// each socket, then what is due, then what is to be sent; none of these keeps another from its turn. Nothing is
/// allocated per turn. What the owner or posted work throws ends the loop: it is given to
/// <see cref="ISocketLoopOwner.OnEnded"/> and fails <see cref="Ended"/>.
/// </remarks>
public sealed class SocketLoop : IDisposable, IAsyncDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    private readonly ISocketLoopOwner _owner;
    private readonly UdpPollSet _pollSet;
    private readonly TimeProvider _time;
    private readonly long _startedAt;
    private readonly int _receivesPerTurn;
    private readonly ConcurrentQueue<ILoopWork> _posted = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool[] _isUnfinished;
    private Thread? _thread;
    private Exception? _defect;
    private int _isWaiting;
    private int _isStopping;
    private bool _isOver;

    /// <summary>Makes a loop that does nothing yet.</summary>
    /// <param name="owner">What it drives.</param>
    /// <param name="sockets">The owner's sockets, in the order of their indexes.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <param name="receivesPerTurn">How often <see cref="ISocketLoopOwner.Receive"/> is called for a socket before it
    /// is the turn of the others.</param>
    public SocketLoop(
        ISocketLoopOwner owner,
        IReadOnlyList<BatchedUdpSocket> sockets,
        TimeProvider? time = null,
        int receivesPerTurn = 64)
    {
        ArgumentNullException.ThrowIfNull(owner);
        ArgumentNullException.ThrowIfNull(sockets);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(receivesPerTurn);
        (_owner, _time, _receivesPerTurn) = (owner, time ?? TimeProvider.System, receivesPerTurn);
        _startedAt = _time.GetTimestamp();
        _pollSet = new UdpPollSet([.. sockets]);
        _isUnfinished = new bool[sockets.Count];
    }

    /// <summary>The loop's time: how long ago it was made.</summary>
    public TimeSpan Now => _time.GetElapsedTime(_startedAt);

    /// <summary>Completes when the loop has ended; fails with the defect that ended it.</summary>
    public Task Ended => _ended.Task;

    /// <summary>The longest wait for the end.</summary>
    internal TimeSpan StopLimit { get; init; } = TimeSpan.FromSeconds(10);

    private bool IsStopping => Volatile.Read(ref _isStopping) != 0;

    /// <summary>Starts the thread.</summary>
    /// <param name="name">The name of the thread, also in error texts.</param>
    /// <exception cref="InvalidOperationException">It was started before.</exception>
    public void Start(string name)
    {
        if (_thread is not null)
            throw new InvalidOperationException($"The loop {_thread.Name} was started before.");
        _thread = new Thread(Run) { IsBackground = true, Name = name };
        _thread.UnsafeStart();
    }

    /// <summary>Queues work. What is posted by one thread runs in that order.</summary>
    /// <returns>False when the loop ends: the work is not taken. Work that was taken is run or dropped, once.</returns>
    public bool Post(ILoopWork work)
    {
        if (IsStopping)
            return false;
        _posted.Enqueue(work);
        Interlocked.MemoryBarrier(); // The loop tells that it waits before it looks at the queue for the last time.
        if (Volatile.Read(ref _isWaiting) != 0 && Interlocked.Exchange(ref _isWaiting, 0) != 0)
            _pollSet.Wake();
        if (Volatile.Read(ref _isOver))
            DropPosted();
        return true;
    }

    /// <summary>Adds a socket of the owner, as the last one. On the loop, or before it turns.</summary>
    public void Add(BatchedUdpSocket socket)
    {
        _pollSet.Add(socket);
        Array.Resize(ref _isUnfinished, _isUnfinished.Length + 1);
    }

    /// <summary>Runs one turn, with a wait at its end, on this thread: for an owner that has a thread already and does
    /// not <see cref="Start"/> another. What is thrown is the caller's.</summary>
    public void Turn()
    {
        if (!_posted.IsEmpty)
        {
            // Whoever posts has mostly more to post. When all processors are busy, the threads that wait for this one's
            // processor go first: what they post makes one flight instead of many datagrams.
            Thread.Yield();
        }
        var now = Now;
        RunPosted(now);
        var isBusy = Receive(now);
        if (_owner.NextTimeout <= now)
            _owner.OnTimeout(now);
        isBusy |= _owner.Flush(now);
        Wait(isBusy);
    }

    /// <summary>Has the loop end after this turn.</summary>
    public void Stop()
    {
        if (Interlocked.Exchange(ref _isStopping, 1) == 0)
            _pollSet.Wake();
    }

    /// <summary>Stops the loop and, on any thread but the loop's own, blocks until it has ended. A defect is not
    /// thrown.</summary>
    /// <exception cref="TimeoutException">It did not end within ten seconds: something blocks its thread.</exception>
    public void Dispose()
    {
        Stop();
        if (_thread is null)
            EndUnstarted();
        else if (_thread != Thread.CurrentThread && !_thread.Join(StopLimit))
            throw NotEnded();
    }

    /// <summary>Stops the loop and waits until it has ended. A defect is not thrown.</summary>
    /// <exception cref="TimeoutException">It did not end within ten seconds: something blocks its thread.</exception>
    public async ValueTask DisposeAsync()
    {
        Stop();
        if (_thread is null)
            EndUnstarted();
        await _ended.Task.WaitAsync(StopLimit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!_ended.Task.IsCompleted)
            throw NotEnded();
    }

    private void Run()
    {
        Exception? defect = null;
        try
        {
            while (!IsStopping)
                Turn();
        }
        catch (Exception e)
        {
            defect = e; // Ours or the owner's own mistake; it must not vanish with the thread.
        }
        End(defect);
    }

    private void RunPosted(TimeSpan now)
    {
        // As many as were there at the start: work that posts work must not keep the loop from its sockets.
        for (var count = _posted.Count; count > 0 && _posted.TryDequeue(out var work); count--)
            work.Run(now);
    }

    /// <summary>True when a socket may have more.</summary>
    private bool Receive(TimeSpan now)
    {
        var isBusy = false;
        for (var i = 0; i < _isUnfinished.Length; i++)
        {
            // To ask one socket costs no more than to ask whether to ask.
            if (_isUnfinished.Length > 1 && !_isUnfinished[i] && !_pollSet.IsReadable(i))
                continue;
            var count = 0;
            while (count < _receivesPerTurn && _owner.Receive(i, now))
                count++;
            _isUnfinished[i] = count == _receivesPerTurn;
            isBusy |= _isUnfinished[i];
        }
        return isBusy;
    }

    private void Wait(bool isBusy)
    {
        if (!isBusy)
            Interlocked.Exchange(ref _isWaiting, 1); // A full fence: what is posted after it wakes us.
        var timeout = isBusy || !_posted.IsEmpty || IsStopping ? TimeSpan.Zero : TimeToWait();
        // Also a loop that does not wait must learn which of its sockets have something.
        if (timeout > TimeSpan.Zero || _isUnfinished.Length > 1)
            _pollSet.Wait(timeout);
        Volatile.Write(ref _isWaiting, 0);
    }

    private TimeSpan TimeToWait()
    {
        if (_owner.NextTimeout is not { } due)
            return LongestWait;
        var wait = due - Now;
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait > LongestWait ? LongestWait : wait;
    }

    private void EndUnstarted()
    {
        if (!_ended.Task.IsCompleted)
            End(defect: null);
    }

    private void End(Exception? defect)
    {
        Volatile.Write(ref _isStopping, 1);
        _defect = defect;
        Attempt(() => _owner.OnEnded(_defect));
        Volatile.Write(ref _isOver, true);
        Interlocked.MemoryBarrier(); // Who posts looks at it after: the work is dropped here or there.
        Attempt(DropPosted);
        _pollSet.Dispose();
        if (_defect is null)
            _ended.SetResult();
        else
            _ended.SetException(_defect);
    }

    private void DropPosted()
    {
        while (_posted.TryDequeue(out var work))
            work.Drop(_defect);
    }

    // Nobody is left to throw to; what goes wrong at the end is reported as what went wrong before.
    private void Attempt(Action step)
    {
        try
        {
            step();
        }
        catch (Exception e)
        {
            _defect = _defect is null ? e : new AggregateException(_defect, e);
        }
    }

    private TimeoutException NotEnded() => new(
        $"The loop {_thread?.Name} did not end within {StopLimit.TotalSeconds} s: something on its thread blocks.");
}
