using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using MqttScion.Quic;
using MqttScion.Udp;

namespace MqttScion.Tests.Memory;

/// <summary>
/// A thread that turns as <see cref="EndpointLoop"/> does: posted work, what has come, the application, what leaves.
/// The broker works on it too, and its time is counted.
/// </summary>
internal sealed class MemoryLoop : IMqttTransport, IAsyncDisposable
{
    private readonly ConcurrentQueue<ILoopWork> _posted = new();
    private readonly AutoResetEvent _wake = new(initialState: false);
    private readonly MemoryMqttStream _stream = new();
    private readonly MqttApplication _application;
    private readonly MemoryBroker _broker;
    private readonly long _startedAt = Stopwatch.GetTimestamp();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isDirty;
    private bool _isClosed;
    private int _wakePending;
    private int _isStopping;

    public MemoryLoop(MqttApplication application, MemoryBroker broker)
    {
        (_application, _broker) = (application, broker);
        broker.Wake = Wake;
        new Thread(Run) { IsBackground = true, Name = "memory loop" }.Start();
    }

    private TimeSpan Now => Stopwatch.GetElapsedTime(_startedAt);

    public bool Post(ILoopWork work)
    {
        if (Volatile.Read(ref _isStopping) != 0)
        {
            return false;
        }
        _posted.Enqueue(work);
        Wake();
        return true;
    }

    public void MarkDirty() => _isDirty = true;

    public bool TryOpenStream([NotNullWhen(true)] out IMqttStream? stream)
    {
        stream = _stream;
        return true;
    }

    public void Close(TimeSpan now) => _isClosed = true;

    public async ValueTask DisposeAsync()
    {
        Volatile.Write(ref _isStopping, 1);
        _wake.Set();
        await _ended.Task;
    }

    private void Wake()
    {
        if (Interlocked.Exchange(ref _wakePending, 1) == 0)
        {
            _wake.Set();
        }
    }

    private void Run()
    {
        _application.Attach(this, Now);
        _application.OnEvent(new QuicEvent(QuicEventKind.HandshakeCompleted), Now);
        _isDirty = true;
        while (Volatile.Read(ref _isStopping) == 0)
        {
            if (!_posted.IsEmpty)
            {
                Thread.Yield(); // As the loop that this one stands for.
            }
            if (!Turn(Now))
            {
                _wake.WaitOne(TimeSpan.FromSeconds(1));
            }
        }
        _application.OnLoopEnded(new ObjectDisposedException(nameof(MemoryLoop)));
        _wake.Dispose();
        _ended.SetResult();
    }

    /// <summary>True when there is more to do.</summary>
    private bool Turn(TimeSpan now)
    {
        Interlocked.Exchange(ref _wakePending, 0);
        for (var count = _posted.Count; count > 0 && _posted.TryDequeue(out var work); count--)
        {
            work.Run(now);
        }
        if (_isClosed)
        {
            _application.OnLoopEnded(new ObjectDisposedException("The connection was closed."));
            return false;
        }
        if (_application.NextTimeout <= now)
        {
            _application.OnTimeout(now);
        }
        if (_isDirty)
        {
            _isDirty = false;
            _application.Pump(now);
        }
        _broker.Exchange(_stream);
        _isDirty |= _stream.IsReadable || _stream.IsWriterWaiting;
        return _isDirty || !_posted.IsEmpty;
    }
}
