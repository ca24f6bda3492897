using Microsoft.Extensions.Logging;
using MqttScion.Quic;

namespace MqttScion.Transport;

/// <summary>
/// Keeps a connection that was accepted on a path that works. Its paths are those on which authentic packets came: the
/// peer's choice has the last word, and the peer shows its standbys by probing them.
/// </summary>
internal sealed class AnsweringPaths(EndpointLoop loop, ILogger log) : IPathSteering
{
    private LoopConnection? _connection;
    private PathSelector<PathEntry>? _selector;

    /// <inheritdoc/>
    public TimeSpan? NextTimeout => _selector!.NextTimeout;

    /// <inheritdoc/>
    public void Attach(LoopConnection connection)
    {
        _connection = connection;
        var current = connection.Paths.Find(connection.Quic.CurrentPathId)!;
        _selector = new PathSelector<PathEntry>(new TableCandidates(connection), current, standbyInterval: null);
    }

    /// <inheritdoc/>
    public void OnEvent(in QuicEvent e, TimeSpan now)
    {
        switch (e.Kind)
        {
            case QuicEventKind.PathSilent when IsCurrent(e.PathId):
                _selector!.OnSilent(now);
                break;
            case QuicEventKind.PathAnswered when IsCurrent(e.PathId):
                _selector!.OnAnswered();
                break;
            case QuicEventKind.PathValidated when _connection!.Paths.Find(e.PathId) is { } answered:
                _selector!.OnProbeAnswered(answered, now);
                break;
            case QuicEventKind.PathChanged when _connection!.Paths.Find(e.PathId) is { } path:
                _selector!.OnMoved(path);
                break;
            default:
                return;
        }
        TakeSteps(now);
    }

    /// <inheritdoc/>
    public void OnReportedDown(PathEntry path, string why, TimeSpan now)
    {
        path.DoubtedAt = now;
        _selector!.OnCandidatesChanged(why, isDown: true, now);
        TakeSteps(now);
    }

    /// <inheritdoc/>
    public void OnTimeout(TimeSpan now)
    {
        _selector!.OnTimeout(now);
        TakeSteps(now);
    }

    private bool IsCurrent(int pathId) => _selector!.Current.PathId == pathId;

    private void TakeSteps(TimeSpan now)
    {
        while (_selector!.TryTakeStep(out var step))
        {
            switch (step.Kind)
            {
                case PathStepKind.Probe:
                    _connection!.Quic.ProbePath(step.Path.PathId, now);
                    break;
                case PathStepKind.Move:
                    _connection!.Quic.SelectPath(step.Path.PathId, now);
                    break;
                case PathStepKind.GiveUp:
                    _connection!.Quic.GiveUpPath(step.Path.PathId, now);
                    TransportLog.AnswersElsewhere(log, _connection.Paths.RemoteName, step.Why);
                    break;
            }
        }
        loop.MarkDirty(_connection!);
    }
}
