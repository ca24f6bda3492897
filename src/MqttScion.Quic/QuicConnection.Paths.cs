using System.Buffers.Binary;

namespace MqttScion.Quic;

public sealed partial class QuicConnection
{
    private const int MaxChallenges = 3;

    /// <summary>How long the last challenge is waited for at least: a probe timeout without samples.</summary>
    private static readonly TimeSpan MinLastChallengeTime = RttEstimator.Initial * 3;

    private NetworkPath? _fallbackPath;
    private NetworkPath? _peerPath;

    /// <summary>The path that is sent on.</summary>
    public int CurrentPathId => _path.Id;

    /// <summary>
    /// Makes a path known before datagrams come or go on it, or changes the sizes of one that is. Ids are the owner's.
    /// </summary>
    /// <param name="pathId">The owner's id of the path.</param>
    /// <param name="maxDatagramBytes">The largest datagram it carries; at least 1200 is used (RFC 9000 §14).</param>
    /// <param name="headroomBytes">Bytes to leave in front of each datagram.</param>
    public void OpenPath(int pathId, int maxDatagramBytes, int headroomBytes)
    {
        if (_paths.TryGetValue(pathId, out var known))
        {
            var datagramBytes = QuicEndpoint.ClampDatagram(maxDatagramBytes);
            if (datagramBytes != known.KnownDatagramBytes)
                known.ResetDatagramBytes(datagramBytes, _options);
            known.HeadroomBytes = headroomBytes;
            return;
        }

        var path = _endpoint.CreatePath(pathId, maxDatagramBytes, headroomBytes);
        // A server limits what it sends to addresses it has not validated; a client chose the path itself.
        path.IsValidated = !IsServer;
        _paths.Add(pathId, path);
        _qlog?.PathAssigned(path);
    }

    /// <summary>
    /// Forgets a path. What is in flight on it counts as lost at once and goes out again on the current path. The
    /// current path can't be closed: select another first.
    /// </summary>
    public void ClosePath(int pathId)
    {
        if (pathId == _path.Id || !_paths.Remove(pathId, out var path))
            return;
        path.IsClosed = true;
        if (_fallbackPath == path)
            _fallbackPath = null;
        if (_peerPath == path)
            _peerPath = null;
        foreach (var space in _spaces)
        {
            // The loss timer finds the packets, so that closing needs no time.
            if (path.Space(space.Id).AckElicitingInFlight > 0)
                space.LossTime = TimeSpan.Zero;
        }

        if (IsAlive && path.BytesInFlight > 0)
            _timers[QuicTimer.Loss] = TimeSpan.Zero;
    }

    /// <summary>
    /// Sends on another open path from now on; below QUIC, so the peer sees no migration. A path that was used before
    /// starts from what is known of it. Unknown paths are ignored. A server goes back to the path before when its
    /// challenges on this one are not answered.
    /// </summary>
    public void SelectPath(int pathId, TimeSpan now)
    {
        if (!IsAlive || pathId == _path.Id || !_paths.TryGetValue(pathId, out var path))
            return;
        _qlog?.At(now);
        MoveTo(path, IsHandshakeConfirmed ? PathMove.Owner : PathMove.OwnerInHandshake, now);
    }

    /// <summary>
    /// Challenges a path without sending on it otherwise; <see cref="QuicEventKind.PathValidated"/> tells when the peer
    /// answered. Keeps a standby path known to the peer, and measures it.
    /// </summary>
    public void ProbePath(int pathId, TimeSpan now)
    {
        _qlog?.At(now);
        if (State == QuicConnectionState.Connected && _paths.TryGetValue(pathId, out var path))
            StartChallenge(path, now);
    }

    /// <summary>The round-trip time of an open path, or null before the first sample.</summary>
    public TimeSpan? PathRtt(int pathId) =>
        _paths.TryGetValue(pathId, out var path) && path.Rtt.HasSample ? path.Rtt.Smoothed : null;

    private static ulong ReadPathData(in Frame frame) => BinaryPrimitives.ReadUInt64BigEndian(frame.Data);

    /// <summary>
    /// The peer's newest non-probing packet came on this path: a server answers there (RFC 9000 §9.3).
    /// </summary>
    private void FollowPeer(NetworkPath path, TimeSpan now)
    {
        if (!IsServer)
            return;
        // Only a change of the peer's path counts, so that a path that our owner selected stays selected.
        var hasPeerMoved = path != _peerPath;
        _peerPath = path;
        if (path != _path && hasPeerMoved)
            MoveTo(path, PathMove.Peer, now);
        else if (path == _path && !path.IsValidated && path.Challenge is null)
            // Without an answer to its challenges it would stay limited for good, although the peer goes on using it.
            StartChallenge(path, now);
    }

    /// <summary>Sends on another path from now on: the only place where the current path changes.</summary>
    /// <remarks>
    /// <code>
    ///                    | Owner        | OwnerInHandshake | Peer           | PeerInHandshake | Fallback
    /// the path before is | fallback *   | fallback *       | fallback *     | fallback *      | no fallback, nor any
    /// the peer is there  | as before    | as before        | yes            | as before       | yes
    /// the owner is told  | no           | no               | yes            | yes             | yes
    /// a PING goes out    | yes          | no               | no             | no              | no
    /// challenge there    | always       | no keys yet      | if unvalidated | no keys yet     | if unvalidated
    /// challenge before   | no           | no               | yes **         | no              | no
    /// marks the move for the handshake's validation: OwnerInHandshake and PeerInHandshake
    /// always: the probe back-off starts anew, the trace tells, losses are looked for, the loss timer starts anew
    /// </code>
    /// * On a server, if that path is validated; one that was not leaves the fallback as it is (RFC 9000 §9.3.2: the
    /// last validated). A client goes where its owner says. The path that is moved to is never its own fallback.
    /// ** RFC 9000 §9.3.3: an attacker who forwards packets makes a move that the peer knows nothing of.
    /// </remarks>
    internal void MoveTo(NetworkPath path, PathMove why, TimeSpan now)
    {
        var before = _path;
        _path = path;
        _hasMovedInHandshake |= why is PathMove.OwnerInHandshake or PathMove.PeerInHandshake;
        if (why is PathMove.Peer or PathMove.Fallback)
            _peerPath = path;
        RememberFallback(before, why);
        // RFC 9002 §6.2.1: the back-off was about the silence of another network.
        path.ResetBackoff();
        _qlog?.MigrationStateUpdated(path, QlogMigration.Complete);
        if (why is not (PathMove.Owner or PathMove.OwnerInHandshake))
            _events.Add(new QuicEvent(QuicEventKind.PathChanged, PathId: path.Id));
        // The peer learns of the path by a packet that is not a probe, so one goes out even if there is no data. The
        // challenge before it is padded, which raises what a server may send there before it has validated the path.
        if (why == PathMove.Owner)
            Application.IsPingPending = true;
        if (why == PathMove.Owner || (why is PathMove.Peer or PathMove.Fallback && !path.IsValidated))
            StartChallenge(path, now);
        if (why == PathMove.Peer && before.Challenge is null)
            StartChallenge(before, now);
        // What is in flight on the path before is found lost by time: nothing on this one will acknowledge it.
        DetectLostEverywhere(now);
        // The timer may be off, as nothing may be sent on the path before; with a full window nothing would set it.
        RestartLossTimer(now);
    }

    private void RememberFallback(NetworkPath before, PathMove why)
    {
        if (why == PathMove.Fallback)
            _fallbackPath = null;
        else if (IsServer && before.IsValidated)
            _fallbackPath = before;
        if (_fallbackPath == _path)
            _fallbackPath = null;
    }

    private void ReceivePathChallenge(NetworkPath path, ulong challenge, TimeSpan now)
    {
        path.AddResponse(challenge);
        // A server uses the occasion to validate the path, so that it can take over at full speed later.
        if (IsServer && !path.IsValidated && path.Challenge is null)
            StartChallenge(path, now);
    }

    private void StartChallenge(NetworkPath path, TimeSpan now)
    {
        Span<byte> data = stackalloc byte[sizeof(ulong)];
        _random.Fill(data);
        path.Challenge = BinaryPrimitives.ReadUInt64BigEndian(data);
        path.ChallengeCount = 1;
        _qlog?.MigrationStateUpdated(path, QlogMigration.ProbingStarted);
        path.IsChallengePending = true;
        path.ChallengeDeadline = now + _loss.ProbeTimeout(path);
        var timer = _timers[QuicTimer.PathValidation];
        if (timer is null || timer > path.ChallengeDeadline)
            _timers[QuicTimer.PathValidation] = path.ChallengeDeadline;
    }

    // RFC 9000 §8.2.3: a response counts on whatever path it came.
    private void ReceivePathResponse(ulong response, TimeSpan now)
    {
        foreach (var path in _paths.Values)
        {
            if (path.Challenge != response)
                continue;
            path.Challenge = null;
            path.IsChallengePending = false;
            path.IsValidated = true;
            _qlog?.MigrationStateUpdated(path, QlogMigration.ProbingSuccessful);
            // The echo of the only challenge is a round trip without any delay for acknowledging.
            if (path.ChallengeCount == 1)
                path.Rtt.AddSample(now - path.ChallengeSentAt, TimeSpan.Zero, now);
            _events.Add(new QuicEvent(QuicEventKind.PathValidated, PathId: path.Id));
        }
    }

    private void OnPathValidationTimeout(TimeSpan now)
    {
        NetworkPath? failed = null;
        TimeSpan? next = null;
        foreach (var path in _paths.Values)
        {
            if (path.Challenge is null)
                continue;
            if (path.ChallengeDeadline <= now)
            {
                if (path.ChallengeCount++ >= MaxChallenges)
                {
                    path.Challenge = null;
                    path.IsChallengePending = false;
                    _qlog?.MigrationStateUpdated(path, QlogMigration.ProbingAbandoned);
                    failed = path == _path ? path : failed;
                    continue;
                }

                path.IsChallengePending = true;
                var timeout = _loss.ProbeTimeout(path);
                // RFC 9000 §8.2.4: what is known of a path's round trip may come from ACKs that took a faster one back.
                if (path.ChallengeCount == MaxChallenges && timeout < MinLastChallengeTime)
                    timeout = MinLastChallengeTime;
                path.ChallengeDeadline = now + timeout;
            }

            next = next is { } known && known < path.ChallengeDeadline ? known : path.ChallengeDeadline;
        }

        _timers[QuicTimer.PathValidation] = next;
        // Without a path that was validated before, the one that the peer sends on is the best guess. RFC 9000 §9.3.2:
        // more from the peer on the path that failed is another migration.
        var fallback = _fallbackPath ?? _peerPath;
        if (failed is not null && fallback is { IsClosed: false } && fallback != failed)
            MoveTo(fallback, PathMove.Fallback, now);
    }

    private void DetectLostEverywhere(TimeSpan now)
    {
        foreach (var space in _spaces)
            _loss.DetectLost(space, _path, now);
    }
}
