using Microsoft.Extensions.Logging;
using MqttScion.Quic;

namespace MqttScion.Transport;

/// <summary>What makes the handshakes of a listener: certificates, tickets, and the threads that compute.</summary>
internal sealed class ListenerTls : IDisposable
{
    private readonly QuicTicketIssuer? _issuer;
    private readonly CertificateWatch _tls;
    private readonly QuicCrypto _crypto;
    private readonly HandshakeWorkers _workers;

    /// <summary>Reads the certificates and starts the threads.</summary>
    /// <exception cref="TlsConfigurationException">The certificates can't be used.</exception>
    public ListenerTls(ListenSettings settings, int maxHandshakes, TimeProvider time, ILogger log)
    {
        _crypto = settings.Tls.Crypto;
        _issuer = settings.SessionTickets ? _crypto.CreateTicketIssuer() : null;
        try
        {
            _tls = WatchCertificates(settings.Tls, time, log);
        }
        catch
        {
            _issuer?.Dispose();
            throw;
        }
        _workers = new HandshakeWorkers(HandshakeWorkers.DefaultThreadCount, maxHandshakes);
        Offload = new OffloadedTlsFactory(_tls, _workers, _tls.Renew);
    }

    /// <summary>Makes the handshakes, for the loop.</summary>
    public OffloadedTlsFactory Offload { get; }

    /// <summary>Makes the endpoint; the loop disposes it.</summary>
    public QuicEndpoint CreateEndpoint(QuicOptions options) => new(
        Offload, _crypto.CreateProtectors(), options, acceptConnections: true, new CryptographicRandom());

    /// <summary>After the loop has ended.</summary>
    public void Dispose()
    {
        _workers.Dispose();
        _tls.Dispose();
        _issuer?.Dispose();
    }

    // All handshakes share the issuer, so that a ticket outlives the files that it was issued under.
    private CertificateWatch WatchCertificates(TlsFiles files, TimeProvider time, ILogger log)
    {
        var keyLog = KeyLogFile.For(files, log);
        return new CertificateWatch(Read, files.Prepare, time, new CertificateReport(log));

        QuicTlsOptions Read()
        {
            var options = files.Read(keyLog);
            options.TicketIssuer = _issuer;
            return options;
        }
    }
}
