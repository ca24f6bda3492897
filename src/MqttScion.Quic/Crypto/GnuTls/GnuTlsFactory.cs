using System.Security.Cryptography;
using System.Text;

namespace MqttScion.Quic;

/// <summary>
/// Makes TLS 1.3 handshakes on GnuTLS. Credentials are loaded once, in the constructor. Thread-safe; sessions outlive
/// the factory.
/// </summary>
/// <remarks>
/// Peers' certificates are checked for chain, time (the system clock), key purpose, revocation where lists are set and,
/// on the client, name. A certificate without extended key usage, or of X.509 version 1, passes the check of key
/// purpose.
/// </remarks>
internal sealed class GnuTlsFactory : IQuicTlsFactory
{
    private readonly GnuTlsCredentialsHandle _credentials;
    private readonly GnuTlsPeerTrust _trust;
    private readonly GnuTlsPriorityHandle _priority;
    private readonly GnuTlsTuning _tuning;
    private readonly QuicTlsSettings _settings;
    private readonly GnuTlsTicketIssuer? _issuer;

    /// <summary>Loads GnuTLS and the credentials.</summary>
    /// <exception cref="TlsUnavailableException">The library is absent or too old.</exception>
    /// <exception cref="TlsConfigurationException">An option cannot be used; the message says why.</exception>
    public GnuTlsFactory(QuicTlsOptions options, GnuTlsTuning? tuning = null)
    {
        GnuTlsLibrary.EnsureAvailable();
        _tuning = tuning ?? new GnuTlsTuning();
        _settings = new QuicTlsSettings(options);
        _issuer = GnuTlsTicketIssuer.Of(options);
        _priority = NewPriority(_tuning.Priority);
        try
        {
            _credentials = GnuTlsCredentialsLoader.Load(options);
        }
        catch
        {
            _priority.Dispose();
            throw;
        }

        _trust = new GnuTlsPeerTrust(_credentials);
        GnuTlsSession.InstallVerification(_credentials);
    }

    /// <inheritdoc/>
    /// <exception cref="TlsConfigurationException">There are no trusted CAs to check the server with.</exception>
    /// <exception cref="ArgumentException">The name is neither an ASCII DNS name nor an IP address.</exception>
    public IQuicTls CreateClient(
        string serverName, ReadOnlySpan<byte> session = default, bool offersEarlyData = false)
    {
        var name = PeerName.Parse(serverName);
        _settings.EnsureClient();
        if (!session.IsEmpty)
        {
            var resuming = CreateClient(name, offersEarlyData);
            if (resuming.TryResume(session))
            {
                return resuming;
            }

            resuming.Dispose();
        }

        return CreateClient(name, offersEarlyData: false);
    }

    /// <inheritdoc/>
    /// <exception cref="TlsConfigurationException">
    /// There is no certificate, or client certificates are required and there are no trusted CAs to check them with.
    /// </exception>
    public IQuicTls CreateServer(ReadOnlySpan<byte> ticketContext = default, bool acceptsEarlyData = false)
    {
        _settings.EnsureServer();
        var takesEarlyData = acceptsEarlyData && _issuer is not null && _settings.AllowsEarlyData;
        return GnuTlsSession.ForServer(
            _credentials,
            _priority,
            _tuning,
            _settings,
            new PeerCheck(_trust, peerIsServer: false, name: null),
            _issuer,
            _issuer is null ? [] : _settings.TicketContext(ticketContext, takesEarlyData),
            takesEarlyData);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _credentials.Dispose();
        _priority.Dispose();
    }

    private GnuTlsSession CreateClient(PeerName name, bool offersEarlyData) => GnuTlsSession.ForClient(
        _credentials,
        _priority,
        _tuning,
        _settings,
        new PeerCheck(_trust, peerIsServer: true, name),
        name,
        offersEarlyData);

    private static unsafe GnuTlsPriorityHandle NewPriority(string text)
    {
        fixed (byte* t = Encoding.ASCII.GetBytes(text + "\0"))
        {
            var result = GnuTlsNative.PriorityInit(out var priority, t, errorPosition: null, flags: 0);
            if (result < 0)
            {
                var problem = GnuTlsLibrary.ErrorText(result);
                throw new CryptographicException($"GnuTLS refuses our cipher suites: {problem}");
            }

            return priority;
        }
    }
}
