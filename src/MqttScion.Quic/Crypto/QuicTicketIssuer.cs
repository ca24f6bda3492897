using System.Security.Cryptography;

namespace MqttScion.Quic;

/// <summary>
/// What a server issues session tickets with, and its guard against replays of early data (RFC 8446 §4.6.1 and §8);
/// <see cref="QuicCrypto.CreateTicketIssuer"/> makes it. One for all factories that are to take each other's tickets.
/// Thread-safe.
/// </summary>
/// <remarks>
/// Tickets hold the client's certificates under a key that is derived from this one and changes every three lifetimes.
/// They are good for the same application protocols, transport parameters and demand for client certificates; after any
/// other setting the handshake is a full one. Whoever gets the key can read tickets, and impersonate their clients.
/// Early data is taken with the last 16384 tickets of this issuer only, as it must know whom they were issued to before
/// the handshake is over.
/// </remarks>
public abstract class QuicTicketIssuer : IDisposable
{
    /// <summary>The least length of a key in bytes.</summary>
    public const int MinKeyBytes = 32;

    private readonly byte[] _key;

    /// <summary>Checks and keeps the settings; see <see cref="QuicCrypto.CreateTicketIssuer"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of its range.</exception>
    protected QuicTicketIssuer(byte[]? key, TimeSpan? lifetime, TimeSpan? earlyDataWindow)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(key?.Length ?? MinKeyBytes, MinKeyBytes, nameof(key));
        Lifetime = lifetime ?? TimeSpan.FromHours(6);
        ArgumentOutOfRangeException.ThrowIfLessThan(Lifetime, TimeSpan.FromMinutes(1), nameof(lifetime));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Lifetime, TimeSpan.FromDays(7), nameof(lifetime));
        EarlyDataWindow = earlyDataWindow ?? TimeSpan.FromHours(1);
        ArgumentOutOfRangeException.ThrowIfLessThan(EarlyDataWindow, TimeSpan.FromSeconds(1), nameof(earlyDataWindow));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(EarlyDataWindow, TimeSpan.FromDays(1), nameof(earlyDataWindow));
        _key = key?.ToArray() ?? RandomNumberGenerator.GetBytes(MinKeyBytes);
    }

    /// <summary>How long a ticket is good.</summary>
    public TimeSpan Lifetime { get; }

    /// <summary>How old a ticket may be, about, for its early data to be taken.</summary>
    public TimeSpan EarlyDataWindow { get; }

    /// <summary>Forgets the key and the replays. Sessions that were made before are not affected.</summary>
    public void Dispose()
    {
        // Not zeros: tickets of a server that still uses it would be anyone's to read and to forge.
        RandomNumberGenerator.Fill(_key);
        ForgetReplays();
        GC.SuppressFinalize(this);
    }

    /// <summary>The ticket key for settings that must not change under a ticket: 64 bytes.</summary>
    protected internal byte[] KeyFor(ReadOnlySpan<byte> settings) => HMACSHA512.HashData(_key, settings);

    /// <summary>Lets go of what guards from replays.</summary>
    protected abstract void ForgetReplays();
}
