namespace MqttScion.Quic;

/// <summary>
/// Finds the largest datagram that a path carries by padded probes (RFC 8899, RFC 9000 §14.3). Off when the ceiling is
/// not above what is known.
/// </summary>
internal sealed class MtuDiscovery
{
    private const int MaxProbes = 3;
    private const int PrecisionBytes = 16;

    private static readonly TimeSpan RaiseInterval = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan BlackHolePause = TimeSpan.FromSeconds(10);

    private readonly int _knownBytes;
    private int _ceilingBytes;
    private int _low;
    private int _high;
    private int _probeBytes;
    private int _lastBytes;
    private int _failureCount;
    private TimeSpan _raiseAt = TimeSpan.MaxValue;

    /// <summary>Starts the search.</summary>
    /// <param name="knownBytes">What is known to arrive, also after a black hole.</param>
    /// <param name="ceilingBytes">The largest size to try.</param>
    /// <param name="foundBytes">What an earlier search found; 0 for none.</param>
    public MtuDiscovery(int knownBytes, int ceilingBytes, int foundBytes = 0)
    {
        _knownBytes = knownBytes;
        _ceilingBytes = Math.Max(knownBytes, ceilingBytes);
        CeilingBytes = _ceilingBytes;
        (_low, _high) = (Math.Max(_knownBytes, foundBytes), _ceilingBytes);
    }

    /// <summary>Up to which size the owner wants probes.</summary>
    public int CeilingBytes { get; }

    /// <summary>What the peer takes at most bounds the search, as soon as it is known.</summary>
    public void LimitTo(int peerBytes)
    {
        _ceilingBytes = Math.Min(_ceilingBytes, peerBytes);
        _high = Math.Min(_high, _ceilingBytes);
    }

    /// <summary>How large the next probe is, or zero when none is due.</summary>
    public int NextProbeBytes(TimeSpan now)
    {
        if (now >= _raiseAt)
        {
            // RFC 8899 §5.3.3: the path may have changed for the better.
            _raiseAt = TimeSpan.MaxValue;
            _high = _ceilingBytes;
        }

        if (_probeBytes > 0 || _high - _low < PrecisionBytes)
            return 0;
        if (_failureCount > 0)
            return _lastBytes;
        // Most paths carry the largest size, so that is tried first.
        return _high == _ceilingBytes ? _high : (_low + _high + 1) / 2;
    }

    public void OnSent(int sizeBytes) => (_probeBytes, _lastBytes) = (sizeBytes, sizeBytes);

    /// <summary>The probe arrived: the path carries its size.</summary>
    public void OnAcknowledged(TimeSpan now)
    {
        if (_probeBytes == 0)
            return;
        _low = _probeBytes;
        Settle(now);
    }

    /// <summary>The probe is lost; its size counts as too large after some attempts.</summary>
    public void OnLost(TimeSpan now)
    {
        if (_probeBytes == 0)
            return;
        if (++_failureCount < MaxProbes)
        {
            _probeBytes = 0;
            return;
        }

        _high = _probeBytes - 1;
        Settle(now);
    }

    /// <summary>Nothing arrives any more: the path shrank. Gives the size to go back to.</summary>
    public int OnBlackHole(TimeSpan now)
    {
        (_low, _high) = (_knownBytes, _knownBytes);
        // What becomes of a probe that is still under way says nothing any more.
        (_probeBytes, _failureCount) = (0, 0);
        // RFC 8899 §5.2: the search starts again. The path may only have been silent for a while, and probes that are
        // lost do no harm.
        _raiseAt = now + BlackHolePause;
        return _knownBytes;
    }

    private void Settle(TimeSpan now)
    {
        _probeBytes = 0;
        _failureCount = 0;
        if (_high - _low < PrecisionBytes)
            _raiseAt = now + RaiseInterval;
    }
}
