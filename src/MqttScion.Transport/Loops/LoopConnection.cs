using MqttScion.Quic;
using MqttScion.Scion;
using MqttScion.Udp;

namespace MqttScion.Transport;

/// <summary>
/// One QUIC connection on its loop: engine, paths and application. Touched by the loop's thread only.
/// </summary>
public sealed class LoopConnection : ITimerHeapItem
{
    private readonly EndpointLoop _loop;
    private readonly StatisticsSampler? _sampler;

    internal LoopConnection(
        EndpointLoop loop,
        QuicConnection quic,
        PathTable paths,
        IConnectionApplication application,
        IPathSteering? steering)
    {
        _loop = loop;
        Quic = quic;
        Paths = paths;
        Application = application;
        Steering = steering;
        quic.Owner = this;
        steering?.Attach(this);
        if (application.Statistics is { } feed)
        {
            _sampler = new StatisticsSampler(paths.RemoteName, feed.Interval, feed.Publish);
            feed.Attach(this);
        }
    }

    /// <summary>The engine. On the loop only.</summary>
    public QuicConnection Quic { get; }

    internal PathTable Paths { get; }

    internal IConnectionApplication Application { get; }

    /// <summary>What keeps it on a path that works; null where there is one path only.</summary>
    internal IPathSteering? Steering { get; }

    /// <summary>Why the connection ended, or null while it has not.</summary>
    internal QuicCloseReason? CloseReason { get; private set; }

    /// <summary>True when the engine has nothing more to send or to time.</summary>
    internal bool IsDrained { get; private set; }

    /// <summary>True when the loop must look at the connection before it waits.</summary>
    internal bool IsDirty { get; set; }

    /// <summary>True until the loop has let go of the connection.</summary>
    internal bool IsOnLoop { get; set; }

    int ITimerHeapItem.TimerIndex { get; set; } = -1;

    /// <summary>The next older connection with the same remote, in <see cref="ConnectionTable"/>.</summary>
    internal LoopConnection? Older { get; set; }

    /// <summary>The next newer connection with the same remote, in <see cref="ConnectionTable"/>.</summary>
    internal LoopConnection? Newer { get; set; }

    /// <summary>When the connection next needs its loop, or null.</summary>
    internal TimeSpan? NextTimeout => Earliest(
        Earliest(IsDrained ? null : Earliest(Quic.NextTimeout, Steering?.NextTimeout), Application.NextTimeout),
        _sampler?.NextTimeout);

    /// <summary>
    /// Marks the connection for the loop and is the only way to have <see cref="IConnectionApplication.Pump"/> called.
    /// </summary>
    public void MarkDirty() => _loop.MarkDirty(this);

    /// <summary>Queues work on the loop; callable from any thread. False when the loop has ended.</summary>
    public bool Post(ILoopWork work) => _loop.Post(work);

    /// <summary>Runs what is due.</summary>
    internal void OnTimeout(TimeSpan now)
    {
        if (!IsDrained && Quic.NextTimeout is { } quicTimeout && quicTimeout <= now)
        {
            Quic.OnTimeout(now);
        }
        if (!IsDrained && Steering?.NextTimeout <= now)
        {
            Steering.OnTimeout(now);
        }
        if (Application.NextTimeout is { } applicationTimeout && applicationTimeout <= now)
        {
            Application.OnTimeout(now);
        }
        MarkDirty();
    }

    /// <summary>Hands the engine's events to the application and lets it move its bytes.</summary>
    internal void Advance(TimeSpan now)
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
            Steering?.OnEvent(e, now);
            Application.OnEvent(e, now);
        }
    }

    private static TimeSpan? Earliest(TimeSpan? a, TimeSpan? b) =>
        a is null ? b : b is null ? a : a < b ? a : b;
}
