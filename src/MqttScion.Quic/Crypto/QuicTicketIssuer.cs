using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace MqttScion.Quic;

/// <summary>
/// What a server issues session tickets with, and its guard against replays of early data (RFC 8446 §4.6.1 and §8).
/// One for all factories that are to take each other's tickets. Thread-safe.
/// </summary>
/// <remarks>
/// Tickets hold the client's certificates under a key that GnuTLS derives from this one and changes every three
/// lifetimes. They are good for the same application protocols, transport parameters and demand for client
/// certificates; after any other setting the handshake is a full one. Whoever gets the key can read tickets, and
/// impersonate their clients. Early data is taken with the last 16384 tickets of this issuer only, as it must know whom
/// they were issued to before the handshake is over.
/// </remarks>
public sealed class QuicTicketIssuer : IDisposable
{
    /// <summary>The least length of a key in bytes.</summary>
    public const int MinKeyBytes = 32;

    internal const int MaxReplayEntries = 64 * 1024;

    private const int MaxHolders = 16 * 1024;

    // GnuTLS puts a mark and the start of its window in front of the binder.
    private const int KeyPrefixBytes = 12;

    private readonly byte[] _key;

    /// <summary>Makes an issuer.</summary>
    /// <param name="key">
    /// Secret random bytes, 32 or more: servers that share them take each other's tickets, also after a restart. Early
    /// data of an older ticket is not taken after a restart. Null: random ones.
    /// </param>
    /// <param name="lifetime">How long a ticket is good: 1 minute to 7 days. Default 6 hours.</param>
    /// <param name="earlyDataWindow">
    /// How old a ticket may be, about, for its early data to be taken; the ClientHellos of that time are remembered,
    /// 65536 at most. Servers that share a key do not share that memory: with more than one, each would take a replay
    /// once. 1 second to 1 day. Default 1 hour.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of its range.</exception>
    /// <exception cref="GnuTlsMissingException">The library is absent or too old.</exception>
    public QuicTicketIssuer(byte[]? key = null, TimeSpan? lifetime = null, TimeSpan? earlyDataWindow = null)
        : this(key, lifetime, earlyDataWindow, MaxReplayEntries)
    {
    }

    internal QuicTicketIssuer(byte[]? key, TimeSpan? lifetime, TimeSpan? earlyDataWindow, int maxReplayEntries)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(key?.Length ?? MinKeyBytes, MinKeyBytes, nameof(key));
        Lifetime = lifetime ?? TimeSpan.FromHours(6);
        ArgumentOutOfRangeException.ThrowIfLessThan(Lifetime, TimeSpan.FromMinutes(1), nameof(lifetime));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Lifetime, TimeSpan.FromDays(7), nameof(lifetime));
        EarlyDataWindow = earlyDataWindow ?? TimeSpan.FromHours(1);
        ArgumentOutOfRangeException.ThrowIfLessThan(EarlyDataWindow, TimeSpan.FromSeconds(1), nameof(earlyDataWindow));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(EarlyDataWindow, TimeSpan.FromDays(1), nameof(earlyDataWindow));
        GnuTlsLibrary.EnsureAvailable();
        _key = key?.ToArray() ?? RandomNumberGenerator.GetBytes(MinKeyBytes);
        Memory = new ReplayMemory(maxReplayEntries, EarlyDataWindow);
        AntiReplay = CreateAntiReplay(Memory, EarlyDataWindow);
    }

    /// <summary>How long a ticket is good.</summary>
    public TimeSpan Lifetime { get; }

    /// <summary>How old a ticket may be, about, for its early data to be taken.</summary>
    public TimeSpan EarlyDataWindow { get; }

    internal ReplayMemory Memory { get; }

    internal TicketHolders Holders { get; } = new(MaxHolders);

    internal GnuTlsAntiReplayHandle AntiReplay { get; }

    /// <summary>Forgets the key and the replays. Sessions that were made before are not affected.</summary>
    public void Dispose()
    {
        // Not zeros: tickets of a server that still uses it would be anyone's to read and to forge.
        RandomNumberGenerator.Fill(_key);
        AntiReplay.Dispose();
    }

    /// <summary>The ticket key for settings that must not change under a ticket; as long as GnuTLS wants it.</summary>
    internal byte[] KeyFor(ReadOnlySpan<byte> settings) => HMACSHA512.HashData(_key, settings);

    private static unsafe GnuTlsAntiReplayHandle CreateAntiReplay(ReplayMemory memory, TimeSpan window)
    {
        var result = GnuTlsNative.AntiReplayInit(out var handle);
        if (result < 0)
            throw new CryptographicException($"GnuTLS cannot guard from replays: {GnuTlsLibrary.ErrorText(result)}");
        GnuTlsNative.AntiReplaySetWindow(handle, (uint)window.TotalMilliseconds);
        GnuTlsNative.AntiReplaySetPointer(handle, handle.LinkTo(memory));
        GnuTlsNative.AntiReplaySetAddFunction(handle, &OnHello);
        return handle;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static unsafe int OnHello(nint pointer, nint expiry, GnuTlsDatum* key, GnuTlsDatum* data)
    {
        try
        {
            var memory = GCHandle<ReplayMemory>.FromIntPtr(pointer).Target;
            return key->Length > KeyPrefixBytes && memory.TryAdd(key->Span[KeyPrefixBytes..], expiry)
                ? 0
                : GnuTlsNative.ErrorDatabaseEntryExists;
        }
        catch (Exception)
        {
            // Whatever it is, lack of memory most likely: it must not reach native code, and no early data is safe.
            return GnuTlsNative.ErrorDatabaseEntryExists;
        }
    }
}
