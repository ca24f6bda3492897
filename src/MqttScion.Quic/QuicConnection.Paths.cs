namespace MqttScion.Quic;

public sealed partial class QuicConnection
{
    /// <summary>The path that is sent on.</summary>
    public int CurrentPathId => _paths.Current.Id;

    /// <summary>
    /// Makes a path known before datagrams come or go on it, or changes the sizes of one that is. Ids are the owner's.
    /// </summary>
    /// <param name="pathId">The owner's id of the path.</param>
    /// <param name="maxDatagramBytes">The largest datagram it carries; at least 1200 is used (RFC 9000 §14).</param>
    /// <param name="headroomBytes">Bytes to leave in front of each datagram.</param>
    /// <param name="maxProbedDatagramBytes">Up to which size the path is probed for larger datagrams (RFC 8899); with
    /// less than <see cref="QuicOptions.MaxProbedDatagramBytes"/> up to that.</param>
    public void OpenPath(int pathId, int maxDatagramBytes, int headroomBytes, int maxProbedDatagramBytes = 0)
    {
        if (!_paths.TryGet(pathId, out var known))
        {
            _paths.Open(_endpoint.CreatePath(pathId, maxDatagramBytes, headroomBytes, maxProbedDatagramBytes));
            return;
        }

        known.KnowDatagramBytes(
            QuicEndpoint.ClampDatagram(maxDatagramBytes), _endpoint.ProbeCeiling(maxProbedDatagramBytes));
        known.HeadroomBytes = headroomBytes;
    }

    /// <summary>
    /// A path carries no larger datagrams: somebody on the way, or the socket, said so. What is in flight there and
    /// larger is lost, and goes out again now.
    /// </summary>
    /// <param name="pathId">The owner's id of the path; an unknown one is ignored.</param>
    /// <param name="maxDatagramBytes">The largest datagram that it carries; less than 1200 counts as that.</param>
    /// <param name="now">The time.</param>
    public void NarrowPath(int pathId, int maxDatagramBytes, TimeSpan now)
    {
        if (!IsAlive || !_paths.TryGet(pathId, out var path))
            return;
        _qlog?.At(now);
        var size = QuicEndpoint.ClampDatagram(maxDatagramBytes);
        path.KnowDatagramBytes(Math.Min(path.KnownDatagramBytes, size), size);
        foreach (var space in _spaces)
            _loss.LoseLarger(space, path, size, now);
        RestartLossTimer(now);
    }

    /// <summary>
    /// Forgets a path. What is in flight on it counts as lost at once and goes out again on the current path. The
    /// current path can't be closed: select another first.
    /// </summary>
    public void ClosePath(int pathId)
    {
        if (_paths.TryClose(pathId, out var path) && IsAlive && path.BytesInFlight > 0)
            _timers[QuicTimer.Loss] = TimeSpan.Zero;
    }

    /// <summary>
    /// Sends on another open path from now on; below QUIC, so the peer sees no migration. A path that was used before
    /// starts from what is known of it. Unknown paths are ignored. A server goes back to the path before when its
    /// challenges on this one are not answered.
    /// </summary>
    public void SelectPath(int pathId, TimeSpan now) => MoveTo(pathId, PathMove.Owner, now);

    /// <summary>
    /// Like <see cref="SelectPath"/>, away from a path that carries nothing any more: what is in flight there is lost,
    /// and goes out on the new path now.
    /// </summary>
    public void GiveUpPath(int newPathId, TimeSpan now) => MoveTo(newPathId, PathMove.OwnerGaveUp, now);

    /// <summary>
    /// Challenges a path without sending on it otherwise; <see cref="QuicEventKind.PathValidated"/> tells when the peer
    /// answered. Keeps a standby path known to the peer, and measures it.
    /// </summary>
    public void ProbePath(int pathId, TimeSpan now)
    {
        _qlog?.At(now);
        // A challenge that is under way is waited for: its answer says as much.
        if (State == QuicConnectionState.Connected && _paths.TryGet(pathId, out var path) &&
            path is not { Challenge: not null, ChallengeCount: 1 })
            _paths.StartChallenge(path, now);
    }

    /// <summary>The round-trip time of an open path, or null before the first sample.</summary>
    public TimeSpan? PathRtt(int pathId) =>
        _paths.TryGet(pathId, out var path) && path.Rtt.HasSample ? path.Rtt.Smoothed : null;

    private void MoveTo(int pathId, PathMove why, TimeSpan now)
    {
        if (!IsAlive || pathId == CurrentPathId || !_paths.TryGet(pathId, out var path))
            return;
        _qlog?.At(now);
        _paths.MoveTo(path, IsHandshakeConfirmed ? why : PathMove.OwnerInHandshake, now);
        RestartLossTimer(now);
    }
}
