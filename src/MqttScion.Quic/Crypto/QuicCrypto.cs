using System.Diagnostics.CodeAnalysis;

namespace MqttScion.Quic;

/// <summary>
/// The cryptography under QUIC as one provider, a library most often, has it: TLS handshakes, packet protection and
/// session tickets. This type is the only way from the engine and its users to that library.
/// </summary>
/// <remarks>Thread-safe. A provider loads its library when it is first needed, not when it is made.</remarks>
public abstract partial class QuicCrypto
{
    /// <summary>The name of the provider's library.</summary>
    public abstract string Name { get; }

    /// <summary>The version of the library that is there, also when it is too old; null when none is.</summary>
    public abstract string? Version { get; }

    /// <summary>
    /// Loads the library if that has not happened yet. False when it is absent or too old; <paramref name="problem"/>
    /// then says in one line what is missing and how to install it.
    /// </summary>
    public abstract bool TryLoad([NotNullWhen(false)] out string? problem);

    /// <summary>Loads the library if that has not happened yet.</summary>
    /// <exception cref="TlsUnavailableException">The library is absent or too old.</exception>
    public void EnsureAvailable()
    {
        if (!TryLoad(out var problem))
        {
            throw new TlsUnavailableException(problem);
        }
    }

    /// <summary>Loads credentials, from which handshakes are made. The caller disposes the result.</summary>
    /// <exception cref="TlsUnavailableException">The library is absent or too old.</exception>
    /// <exception cref="TlsConfigurationException">An option cannot be used; the message says why.</exception>
    public abstract IQuicTlsFactory CreateTls(QuicTlsOptions options);

    /// <summary>Gives what makes packet protectors.</summary>
    /// <exception cref="TlsUnavailableException">The library is absent or too old.</exception>
    public abstract IPacketProtectorFactory CreateProtectors();

    /// <summary>
    /// Makes what a server issues session tickets with, for <see cref="QuicTlsOptions.TicketIssuer"/> of this provider.
    /// The caller disposes it.
    /// </summary>
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
    /// <exception cref="TlsUnavailableException">The library is absent or too old.</exception>
    public abstract QuicTicketIssuer CreateTicketIssuer(
        byte[]? key = null, TimeSpan? lifetime = null, TimeSpan? earlyDataWindow = null);
}
