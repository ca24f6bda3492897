using System.Diagnostics.CodeAnalysis;

namespace MqttScion.Quic;

/// <summary>The paths of a connection, and which of them is sent on (RFC 9000 §9).</summary>
/// <remarks>
/// What is known of one path stands in <see cref="NetworkPath"/>; here stands what needs more than one: the current
/// path, the one to go back to, and the one that the peer sends on.
/// </remarks>
internal sealed partial class ConnectionPaths(
    bool isServer,
    NetworkPath first,
    PacketSpace[] spaces,
    LossDetector loss,
    TimerTable timers,
    EventQueue events,
    IQuicRandom random)
{
    private readonly Dictionary<int, NetworkPath> _paths = new() { [first.Id] = first };

    /// <summary>The path that is sent on.</summary>
    public NetworkPath Current { get; private set; } = first;

    /// <summary>Server: the path to go back to when the current one does not answer.</summary>
    public NetworkPath? Fallback { get; private set; }

    /// <summary>Where the peer's newest packet that is no probe came.</summary>
    public NetworkPath? PeerPath { get; private set; }

    /// <summary>Whether the handshake took place on more than one path, so that it validated none.</summary>
    public bool HasMovedInHandshake { get; private set; }

    /// <summary>Whether the loss timer still belongs to the path before; the connection sets both.</summary>
    public bool HasMoved { get; set; }

    public Dictionary<int, NetworkPath>.ValueCollection All => _paths.Values;

    /// <summary>Is told of moves and challenges; null when nobody wants to know.</summary>
    public QlogTrace? Qlog { get; set; }

    public bool TryGet(int id, [NotNullWhen(true)] out NetworkPath? path) => _paths.TryGetValue(id, out path);

    public void Open(NetworkPath path)
    {
        // A server limits what it sends to addresses it has not validated; a client chose the path itself.
        path.IsValidated = !isServer;
        _paths.Add(path.Id, path);
        Qlog?.PathAssigned(path);
    }

    /// <summary>Forgets a path; false when it is unknown, or the current one.</summary>
    public bool TryClose(int id, [NotNullWhen(true)] out NetworkPath? path)
    {
        path = null;
        if (id == Current.Id || !_paths.Remove(id, out path))
            return false;
        path.IsClosed = true;
        if (Fallback == path)
            Fallback = null;
        if (PeerPath == path)
            PeerPath = null;
        foreach (var space in spaces)
        {
            // The loss timer finds the packets, so that closing needs no time.
            if (path.Space(space.Id).AckElicitingInFlight > 0)
                space.LossTime = TimeSpan.Zero;
        }

        return true;
    }

    /// <summary>
    /// The peer's newest non-probing packet came on this path: a server answers there (RFC 9000 §9.3), a client's owner
    /// is told.
    /// </summary>
    public void FollowPeer(NetworkPath path, TimeSpan now)
    {
        // Only a change of the peer's path counts, so that a path that our owner selected stays selected.
        var hasPeerMoved = path != PeerPath;
        PeerPath = path;
        if (!isServer)
        {
            if (path != Current && hasPeerMoved)
                events.Add(new QuicEvent(QuicEventKind.PeerPathChanged, PathId: path.Id));
            return;
        }

        if (path != Current && hasPeerMoved)
            MoveTo(path, PathMove.Peer, now);
        else if (path == Current && !path.IsValidated && path.Challenge is null)
            // Without an answer to its challenges it would stay limited for good, although the peer goes on using it.
            StartChallenge(path, now);
    }

    /// <summary>Sends on another path from now on: the only place where the current path changes.</summary>
    /// <remarks>
    /// <code>
    ///                    | Owner     | OwnerGaveUp | OwnerInHandshake | Peer           | PeerInHandshake | Fallback
    /// before is fallback | yes *     | no          | yes *            | yes *          | yes *           | no, nor any
    /// the peer is there  | as before | as before   | as before        | yes            | as before       | yes
    /// the owner is told  | no        | no          | no               | yes            | yes             | yes
    /// a PING goes out    | yes       | yes         | no               | no             | no              | no
    /// challenge there    | always    | always      | no keys yet      | if unvalidated | no keys yet     | as Peer
    /// challenge before   | no        | no          | no               | yes **         | no              | no
    /// in flight before   | by time   | lost now    | by time          | by time        | by time         | by time
    /// marks the move for the handshake's validation: OwnerInHandshake and PeerInHandshake
    /// always: the probe back-off starts anew, the trace tells, losses are looked for, the loss timer and the one for
    /// silence start anew
    /// </code>
    /// * On a server, if that path is validated; one that was not leaves the fallback as it is (RFC 9000 §9.3.2: the
    /// last validated). A client goes where its owner says. The path that is moved to is never its own fallback.
    /// ** RFC 9000 §9.3.3: an attacker who forwards packets makes a move that the peer knows nothing of.
    /// </remarks>
    public void MoveTo(NetworkPath path, PathMove why, TimeSpan now)
    {
        var before = Current;
        Current = path;
        HasMovedInHandshake |= why is PathMove.OwnerInHandshake or PathMove.PeerInHandshake;
        if (why is PathMove.Peer or PathMove.Fallback)
            PeerPath = path;
        RememberFallback(before, why);
        // RFC 9002 §6.2.1: the back-off was about the silence of another network.
        path.ResetBackoff();
        Qlog?.MigrationStateUpdated(path, QlogMigration.Complete);
        if (why is not (PathMove.Owner or PathMove.OwnerGaveUp or PathMove.OwnerInHandshake))
            events.Add(new QuicEvent(QuicEventKind.PathChanged, PathId: path.Id));
        // The peer learns of the path by a packet that is not a probe, so one goes out even if there is no data. The
        // challenge before it is padded, which raises what a server may send there before it has validated the path.
        var isOurs = why is PathMove.Owner or PathMove.OwnerGaveUp;
        if (isOurs)
            spaces[(int)SpaceId.Application].IsPingPending = true;
        if (isOurs || (why is PathMove.Peer or PathMove.Fallback && !path.IsValidated))
            StartChallenge(path, now);
        if (why == PathMove.Peer && before.Challenge is null)
            StartChallenge(before, now);
        // What is in flight on the path before is found lost by time: nothing on this one will acknowledge it.
        foreach (var space in spaces)
        {
            if (why == PathMove.OwnerGaveUp)
                loss.LoseAll(space, before, now);
            loss.DetectLost(space, path, now);
        }

        RestartSilence(now);
        // The timer may be off, as nothing may be sent on the path before; with a full window nothing would set it.
        HasMoved = true;
    }

    private void RememberFallback(NetworkPath before, PathMove why)
    {
        if (why == PathMove.Fallback || (why == PathMove.OwnerGaveUp && Fallback == before))
            Fallback = null;
        else if (isServer && before.IsValidated && why != PathMove.OwnerGaveUp)
            Fallback = before;
        if (Fallback == Current)
            Fallback = null;
    }
}
