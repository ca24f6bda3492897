using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace MqttScion.Quic;

/// <summary>Tickets of GnuTLS, whose keys are as long as it wants them, and its guard against replays.</summary>
internal sealed unsafe class GnuTlsTicketIssuer : QuicTicketIssuer
{
    internal const int MaxReplayEntries = 64 * 1024;

    private const int MaxHolders = 16 * 1024;

    // GnuTLS puts a mark and the start of its window in front of the binder.
    private const int KeyPrefixBytes = 12;

    public GnuTlsTicketIssuer(
        byte[]? key = null,
        TimeSpan? lifetime = null,
        TimeSpan? earlyDataWindow = null,
        int maxReplayEntries = MaxReplayEntries)
        : base(key, lifetime, earlyDataWindow)
    {
        GnuTlsLibrary.EnsureAvailable();
        Memory = new ReplayMemory(maxReplayEntries, EarlyDataWindow);
        AntiReplay = CreateAntiReplay(Memory, EarlyDataWindow);
    }

    /// <summary>The ClientHellos with early data that came.</summary>
    public ReplayMemory Memory { get; }

    /// <summary>Whom tickets for early data were issued to.</summary>
    public TicketHolders Holders { get; } = new(MaxHolders);

    /// <summary>What asks the memory for GnuTLS.</summary>
    public GnuTlsAntiReplayHandle AntiReplay { get; }

    /// <summary>The issuer of the options; null for none.</summary>
    /// <exception cref="TlsConfigurationException">It is of another provider.</exception>
    public static GnuTlsTicketIssuer? Of(QuicTlsOptions options) => options.TicketIssuer switch
    {
        null => null,
        GnuTlsTicketIssuer own => own,
        var other => throw new TlsConfigurationException(
            nameof(QuicTlsOptions.TicketIssuer),
            $"is a {other.GetType().Name} of another provider; expected one that the provider of the handshakes made"),
    };

    /// <inheritdoc/>
    protected override void ForgetReplays() => AntiReplay.Dispose();

    private static GnuTlsAntiReplayHandle CreateAntiReplay(ReplayMemory memory, TimeSpan window)
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
    private static int OnHello(nint pointer, nint expiry, GnuTlsDatum* key, GnuTlsDatum* data)
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
