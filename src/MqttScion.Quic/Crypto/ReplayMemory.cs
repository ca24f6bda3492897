using System.Collections.Concurrent;

namespace MqttScion.Quic;

/// <summary>
/// The ClientHellos with early data that came within a window (RFC 8446 §8.2), by their binders. Thread-safe. Bounded:
/// when it is full, every one counts as seen, which costs its client the early data and nothing else.
/// </summary>
/// <remarks>
/// It reads no clock: the caller puts each expiry one window, in whole seconds, after its own time, which is thus known
/// from the expiry.
/// </remarks>
internal sealed class ReplayMemory(int maxEntries, TimeSpan window)
{
    private const long NeverSwept = long.MinValue;

    private readonly long _windowSeconds = (long)window.TotalSeconds;
    private readonly ConcurrentDictionary<string, long> _expiries = new();
    private readonly ConcurrentDictionary<string, int> _permitted = new();
    private long _sweptAt = NeverSwept;

    public int Count => _expiries.Count;

    /// <summary>Permits the early data of a ClientHello that is about to be handled.</summary>
    public void Permit(ReadOnlySpan<byte> binder) =>
        _permitted.AddOrUpdate(Convert.ToHexString(binder), 1, static (_, count) => count + 1);

    /// <summary>Takes the permission back, used or not, when the ClientHello was handled.</summary>
    public void Withdraw(ReadOnlySpan<byte> binder)
    {
        var key = Convert.ToHexString(binder);
        if (_permitted.AddOrUpdate(key, 0, static (_, count) => count - 1) <= 0)
            _permitted.TryRemove(new KeyValuePair<string, int>(key, 0));
    }

    /// <summary>
    /// True when early data is permitted, and was not seen before; the expiry, a window from now, is in seconds from
    /// any start.
    /// </summary>
    public bool TryAdd(ReadOnlySpan<byte> binder, long expiry)
    {
        if (_expiries.Count >= maxEntries)
            Sweep(expiry - _windowSeconds);
        var key = Convert.ToHexString(binder);
        return _permitted.ContainsKey(key) && _expiries.Count < maxEntries && _expiries.TryAdd(key, expiry);
    }

    // At most once a second, as it looks at everything.
    private void Sweep(long now)
    {
        var last = Interlocked.Read(ref _sweptAt);
        if (now <= last || Interlocked.CompareExchange(ref _sweptAt, now, last) != last)
            return;
        foreach (var (key, expiry) in _expiries)
        {
            if (expiry < now)
                _expiries.TryRemove(key, out _);
        }
    }
}
