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
public sealed class GnuTlsFactory : IQuicTlsFactory
{
    private readonly GnuTlsCredentialsHandle _credentials;
    private readonly GnuTlsPriorityHandle _priority;
    private readonly GnuTlsTuning _tuning;
    private readonly byte[][] _applicationProtocols;
    private readonly bool _hasCertificate;
    private readonly bool _hasTrust;
    private readonly bool _requiresClientCertificate;
    private readonly Action<string>? _keyLog;
    private readonly byte[] _identity;
    private readonly QuicTicketIssuer? _issuer;

    /// <summary>Loads GnuTLS and the credentials.</summary>
    /// <exception cref="GnuTlsMissingException">The library is absent or too old.</exception>
    /// <exception cref="TlsConfigurationException">An option cannot be used; the message says why.</exception>
    public GnuTlsFactory(QuicTlsOptions options)
        : this(options, new GnuTlsTuning())
    {
    }

    internal GnuTlsFactory(QuicTlsOptions options, GnuTlsTuning tuning)
    {
        GnuTlsLibrary.EnsureAvailable();
        _tuning = tuning;
        _applicationProtocols = EncodeApplicationProtocols(options.ApplicationProtocols);
        _hasCertificate = options.CertificateChainPem is not null;
        _hasTrust = options.TrustedCertificatesPem is not null;
        _requiresClientCertificate = options.RequireClientCertificate;
        _keyLog = options.KeyLog;
        _identity = SHA256.HashData(Encoding.UTF8.GetBytes(options.CertificateChainPem ?? ""));
        _issuer = options.TicketIssuer;
        _priority = NewPriority(tuning.Priority);
        try
        {
            _credentials = GnuTlsCredentialsLoader.Load(options);
        }
        catch
        {
            _priority.Dispose();
            throw;
        }

        GnuTlsSession.InstallVerification(_credentials);
    }

    /// <inheritdoc/>
    /// <exception cref="TlsConfigurationException">There are no trusted CAs to check the server with.</exception>
    /// <exception cref="ArgumentException">The name is neither an ASCII DNS name nor an IP address.</exception>
    public IQuicTls CreateClient(
        string serverName, ReadOnlySpan<byte> session = default, bool offersEarlyData = false)
    {
        var name = PeerName.Parse(serverName);
        if (!_hasTrust)
        {
            throw new TlsConfigurationException(
                nameof(QuicTlsOptions.TrustedCertificatesPem),
                "is missing; a client needs the CAs that it trusts");
        }

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
        if (!_hasCertificate)
        {
            throw new TlsConfigurationException(
                nameof(QuicTlsOptions.CertificateChainPem),
                "is missing; a server needs a certificate");
        }

        if (_requiresClientCertificate && !_hasTrust)
        {
            throw new TlsConfigurationException(
                nameof(QuicTlsOptions.TrustedCertificatesPem),
                $"is missing; {nameof(QuicTlsOptions.RequireClientCertificate)} needs the CAs that it trusts");
        }

        var request = (_requiresClientCertificate, _hasTrust) switch
        {
            (true, _) => GnuTlsNative.CertificateRequire,
            (false, true) => GnuTlsNative.CertificateRequest,
            (false, false) => GnuTlsNative.CertificateIgnore,
        };
        // RFC 8446 §4.2.10 ties early data to the protocol of its ticket, which GnuTLS does not: there may be but one.
        var takesEarlyData = acceptsEarlyData && _issuer is not null && _applicationProtocols.Length == 1;
        var session = GnuTlsSession.ForServer(
            _credentials,
            _priority,
            _tuning,
            _applicationProtocols,
            request,
            _issuer,
            TicketSettings(ticketContext, request, takesEarlyData),
            takesEarlyData);
        session.KeyLog = _keyLog;
        return session;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _credentials.Dispose();
        _priority.Dispose();
    }

    private GnuTlsSession CreateClient(PeerName name, bool offersEarlyData)
    {
        var session = GnuTlsSession.ForClient(
            _credentials, _priority, _tuning, _applicationProtocols, name, _identity, offersEarlyData);
        session.KeyLog = _keyLog;
        return session;
    }

    // What a client was told under a ticket must still be so when it comes back with it (RFC 9000 §7.4.1).
    private byte[] TicketSettings(ReadOnlySpan<byte> context, int request, bool takesEarlyData)
    {
        if (_issuer is null)
        {
            return [];
        }

        var settings = new List<byte> { (byte)request, takesEarlyData ? (byte)1 : (byte)0 };
        foreach (var protocol in _applicationProtocols)
        {
            settings.Add((byte)protocol.Length);
            settings.AddRange(protocol);
        }

        settings.AddRange(context);
        return [.. settings];
    }

    private static byte[][] EncodeApplicationProtocols(IList<string> protocols)
    {
        // GnuTLS refuses more and longer ones, but only when a session starts.
        const int MaxCount = 8, MaxLength = 31;
        const string Option = nameof(QuicTlsOptions.ApplicationProtocols);
        if (protocols.Count == 0)
        {
            throw new TlsConfigurationException(Option, "is empty; QUIC needs at least one");
        }

        if (protocols.Count > MaxCount)
        {
            throw new TlsConfigurationException(Option, $"there may be at most {MaxCount}");
        }

        if (protocols.Any(protocol => protocol.Length is < 1 or > MaxLength || !Ascii.IsValid(protocol)))
        {
            throw new TlsConfigurationException(Option, $"each must be 1 to {MaxLength} bytes of ASCII");
        }

        return [.. protocols.Select(Encoding.ASCII.GetBytes)];
    }

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
