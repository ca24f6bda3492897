using System.Buffers.Binary;

namespace MqttScion.Quic;

/// <content>Challenges, by which paths are validated (RFC 9000 §8.2).</content>
internal sealed partial class ConnectionPaths
{
    private const int MaxChallenges = 3;

    /// <summary>How long the last challenge is waited for at least: a probe timeout without samples.</summary>
    private static readonly TimeSpan MinLastChallengeTime = RttEstimator.Initial * 3;

    public void StartChallenge(NetworkPath path, TimeSpan now)
    {
        Span<byte> data = stackalloc byte[sizeof(ulong)];
        random.Fill(data);
        path.Challenge = BinaryPrimitives.ReadUInt64BigEndian(data);
        path.ChallengeCount = 1;
        Qlog?.MigrationStateUpdated(path, QlogMigration.ProbingStarted);
        path.IsChallengePending = true;
        path.ChallengeDeadline = now + loss.ProbeTimeout(path);
        var timer = timers[QuicTimer.PathValidation];
        if (timer is null || timer > path.ChallengeDeadline)
            timers[QuicTimer.PathValidation] = path.ChallengeDeadline;
    }

    public void ReceiveChallenge(NetworkPath path, ulong challenge, TimeSpan now)
    {
        path.AddResponse(challenge);
        // A server uses the occasion to validate the path, so that it can take over at full speed later.
        if (isServer && !path.IsValidated && path.Challenge is null)
            StartChallenge(path, now);
    }

    // RFC 9000 §8.2.3: a response counts on whatever path it came.
    public void ReceiveResponse(ulong response, TimeSpan now)
    {
        foreach (var path in _paths.Values)
        {
            if (path.Challenge != response)
                continue;
            path.Challenge = null;
            path.IsChallengePending = false;
            path.IsValidated = true;
            Qlog?.MigrationStateUpdated(path, QlogMigration.ProbingSuccessful);
            // The echo of the only challenge is a round trip without any delay for acknowledging.
            if (path.ChallengeCount == 1)
                path.Rtt.AddSample(now - path.ChallengeSentAt, TimeSpan.Zero, now);
            events.Add(new QuicEvent(QuicEventKind.PathValidated, PathId: path.Id));
        }
    }

    /// <summary>A challenge is due again, or was in vain.</summary>
    public void OnTimeout(TimeSpan now)
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
                    Qlog?.MigrationStateUpdated(path, QlogMigration.ProbingAbandoned);
                    failed = path == Current ? path : failed;
                    continue;
                }

                path.IsChallengePending = true;
                var timeout = loss.ProbeTimeout(path);
                // RFC 9000 §8.2.4: what is known of a path's round trip may come from ACKs that took a faster one back.
                if (path.ChallengeCount == MaxChallenges && timeout < MinLastChallengeTime)
                    timeout = MinLastChallengeTime;
                path.ChallengeDeadline = now + timeout;
            }

            next = next is { } known && known < path.ChallengeDeadline ? known : path.ChallengeDeadline;
        }

        timers[QuicTimer.PathValidation] = next;
        if (!isServer)
            return; // Its owner chose the path, and chooses the next.
        // Without a path that was validated before, the one that the peer sends on is the best guess. RFC 9000 §9.3.2:
        // more from the peer on the path that failed is another migration.
        var fallback = Fallback ?? PeerPath;
        if (failed is not null && fallback is { IsClosed: false } && fallback != failed)
            MoveTo(fallback, PathMove.Fallback, now);
    }
}
