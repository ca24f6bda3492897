using System.Diagnostics.CodeAnalysis;
using MqttScion.Quic;
using MqttScion.Scion;
using MqttScion.Udp;

namespace MqttScion;

/// <summary>
/// One QUIC connection on its loop: engine, paths and application. Touched by the loop's thread only.
/// </summary>
internal sealed class LoopConnection : IMqttTransport, ITimerHeapItem
{
    private readonly EndpointLoop _loop;
    private readonly StatisticsSampler? _sampler;

    public LoopConnection(
        EndpointLoop loop,
        QuicConnection quic,
        PathTable paths,
        IConnectionApplication application)
    {
        _loop = loop;
        Quic = quic;
        Paths = paths;
        Application = application;
        quic.Owner = this;
        if (application.Statistics is { } feed)
        {
            _sampler = new StatisticsSampler(paths.RemoteName, feed.Interval, feed.Publish);
            feed.Attach(this);
        }
    }

    public QuicConnection Quic { get; }

    public PathTable Paths { get; }

    public IConnectionApplication Application { get; }

    /// <summary>Why the connection ended, or null while it has not.</summary>
    public QuicCloseReason? CloseReason { get; private set; }

    /// <summary>True when the engine has nothing more to send or to time.</summary>
    public bool IsDrained { get; private set; }

    /// <summary>True when the loop must look at the connection before it waits.</summary>
    public bool IsDirty { get; set; }

    /// <summary>True until the loop has let go of the connection.</summary>
    public bool IsOnLoop { get; set; }

    /// <summary>The place in the <see cref="TimerHeap{T}"/> of the loop; negative when not in it.</summary>
    public int TimerIndex { get; set; } = -1;

    /// <summary>The next older connection with the same remote, in <see cref="ConnectionTable"/>.</summary>
    public LoopConnection? Older { get; set; }

    /// <summary>The next newer connection with the same remote, in <see cref="ConnectionTable"/>.</summary>
    public LoopConnection? Newer { get; set; }

    /// <summary>When the connection next needs its loop, or null.</summary>
    public TimeSpan? NextTimeout => Earliest(
        Earliest(IsDrained ? null : Quic.NextTimeout, Application.NextTimeout), _sampler?.NextTimeout);

    /// <summary>
    /// Marks the connection for the loop and is the only way to have <see cref="IConnectionApplication.Pump"/> called.
    /// </summary>
    public void MarkDirty() => _loop.MarkDirty(this);

    /// <summary>Queues work on the loop; callable from any thread. False when the loop has ended.</summary>
    public bool Post(ILoopWork work) => _loop.Post(work);

    bool IMqttTransport.TryOpenStream([NotNullWhen(true)] out IMqttStream? stream)
    {
        stream = Quic.TryOpenStream(bidirectional: true, out var opened) ? new QuicMqttStream(opened) : null;
        return stream is not null;
    }

    void IMqttTransport.Close(TimeSpan now)
    {
        Quic.Close(applicationErrorCode: 0, "", now);
        MarkDirty();
    }

    /// <summary>Runs what is due.</summary>
    public void OnTimeout(TimeSpan now)
    {
        if (!IsDrained && Quic.NextTimeout is { } quicTimeout && quicTimeout <= now)
        {
            Quic.OnTimeout(now);
        }
        if (Application.NextTimeout is { } applicationTimeout && applicationTimeout <= now)
        {
            Application.OnTimeout(now);
        }
        MarkDirty();
    }

    /// <summary>Hands the engine's events to the application and lets it move its bytes.</summary>
    public void Advance(TimeSpan now)
    {
        DrainEvents(now);
        Application.Pump(now);
        DrainEvents(now);
        Sample(now);
    }

    private ScionPath? CurrentPath => Paths.Find(Quic.CurrentPathId)?.Path;

    private void Sample(TimeSpan now)
    {
        if (_sampler is not { } sampler || CloseReason is not null)
        {
            return;
        }
        if (Application.Statistics!.IsObserved && Quic.State == QuicConnectionState.Connected)
        {
            sampler.Sample(Quic.Statistics, CurrentPath, now);
        }
        else
        {
            sampler.Rest();
        }
    }

    private void DrainEvents(TimeSpan now)
    {
        while (Quic.TryGetEvent(out var e))
        {
            switch (e.Kind)
            {
                case QuicEventKind.HandshakeCompleted when Quic.IsResumed:
                    _loop.OnResumed(this);
                    break;
                case QuicEventKind.Closed:
                    CloseReason = e.Close;
                    _sampler?.Close(Quic.Statistics, CurrentPath);
                    break;
                case QuicEventKind.Drained:
                    IsDrained = true;
                    break;
            }
            Application.OnEvent(e, now);
        }
    }

    private static TimeSpan? Earliest(TimeSpan? a, TimeSpan? b) =>
        a is null ? b : b is null ? a : a < b ? a : b;
}
