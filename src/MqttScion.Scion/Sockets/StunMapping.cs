using MqttScion.Udp;

namespace MqttScion.Scion;

/// <summary>Our address as one border router sees it: asked for, asked again when no answer comes, and kept alive.
/// </summary>
/// <remarks>
/// Does no I/O and reads no clock; its owner sends what is due. Idle → Asking → Idle: a request and its retransmissions
/// (RFC 8489 §6.2.1) make one round; the next round starts <see cref="RefreshInterval"/> after the request that was
/// answered, or <see cref="RetryInterval"/> after a round that nobody answered. A mapping that is not confirmed stays:
/// it is still the best guess.
/// </remarks>
internal sealed class StunMapping(UdpAddress router, Func<StunTransactionId> createId)
{
    /// <summary>Below the 30 s after which many NATs forget a silent UDP mapping; RFC 8445 §11.</summary>
    internal static readonly TimeSpan RefreshInterval = TimeSpan.FromSeconds(15);

    internal static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(60);

    private const int MaxRequests = 7; // Rc
    private const int LastWaitFactor = 16; // Rm

    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(500); // RTO

    private StunTransactionId _id;
    private int _requests; // Of the round under way; 0 when none is.
    private TimeSpan _lastRequest;

    internal UdpAddress Router => router;

    /// <summary>The address that the router sees; null while it has not told.</summary>
    internal UdpAddress? Mapped { get; private set; }

    /// <summary>True while the first answer is worth waiting for: for three requests, which take 3.5 s.</summary>
    internal bool IsAwaited => Mapped is null && UnansweredRounds == 0 && _requests < 4;

    /// <summary>When <see cref="TryTakeRequest"/> must be called next; at first, at once.</summary>
    internal TimeSpan NextTimeout { get; private set; }

    /// <summary>The rounds that nobody answered.</summary>
    internal int UnansweredRounds { get; private set; }

    /// <summary>Writes the request that is due, if one is.</summary>
    internal bool TryTakeRequest(TimeSpan now, Span<byte> message, out int length)
    {
        length = 0;
        if (now < NextTimeout)
            return false;
        if (_requests == MaxRequests)
        {
            UnansweredRounds++;
            (_requests, NextTimeout) = (0, now + RetryInterval);
            return false;
        }
        if (_requests == 0)
            _id = createId();
        var wait = ++_requests == MaxRequests ? LastWaitFactor * FirstWait : FirstWait * (1 << _requests - 1);
        (_lastRequest, NextTimeout) = (now, now + wait);
        length = StunMessage.WriteRequest(message, _id);
        return true;
    }

    /// <summary>Takes a datagram of the router; false when it does not answer the request under way.</summary>
    internal bool TryTakeResponse(ReadOnlySpan<byte> message)
    {
        if (_requests == 0 || !StunMessage.TryReadResponse(message, _id, out var mapped)
            || mapped.Family != router.Family)
        {
            return false;
        }
        (Mapped, _requests, NextTimeout) = (mapped, 0, _lastRequest + RefreshInterval);
        return true;
    }
}
