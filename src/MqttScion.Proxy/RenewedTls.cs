using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using MqttScion.Quic;

namespace MqttScion.Proxy;

/// <summary>
/// Makes the proxy's handshakes from its certificate files as they are now: before a handshake the files are read again
/// if that was more than a second ago. Files that can't be used, half-written ones for instance, change nothing, and a
/// warning says so. All handshakes share the issuer of tickets, so that a ticket outlives the files that it was issued
/// under.
/// </summary>
/// <remarks>Used by one thread.</remarks>
internal sealed class RenewedTls : IQuicTlsFactory
{
    /// <summary>How long what was read is used at least.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly TlsFiles _files;
    private readonly KeyLogFile? _keyLog;
    private readonly QuicTicketIssuer? _issuer;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private IQuicTlsFactory _current;
    private byte[] _digest;
    private long _readAt;
    private string? _fault;

    /// <summary>Reads the files for the first time.</summary>
    /// <exception cref="TlsConfigurationException">A file's content can't be used.</exception>
    /// <exception cref="IOException">A file can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read.</exception>
    public RenewedTls(TlsFiles files, QuicTicketIssuer? issuer, TimeProvider time, ILogger log)
    {
        _files = files;
        _keyLog = KeyLogFile.For(files, log);
        _issuer = issuer;
        _time = time;
        _log = log;
        Read();
    }

    public IQuicTls CreateClient(string serverName, ReadOnlySpan<byte> session, bool offersEarlyData) =>
        throw new NotSupportedException("A proxy only answers.");

    public IQuicTls CreateServer(ReadOnlySpan<byte> ticketContext, bool acceptsEarlyData)
    {
        if (_time.GetElapsedTime(_readAt) >= Interval)
        {
            ReadAgain();
        }
        return _current.CreateServer(ticketContext, acceptsEarlyData);
    }

    public void Dispose() => _current.Dispose();

    private void ReadAgain()
    {
        try
        {
            var before = _current;
            Read();
            _fault = null;
            if (before != _current)
            {
                before.Dispose(); // Its handshakes go on without it.
                ProxyLog.CertificatesRenewed(_log);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or TlsConfigurationException)
        {
            if (_fault != e.Message)
            {
                ProxyLog.CertificatesUnusable(_log, e.Message);
            }
            _fault = e.Message;
        }
    }

    [MemberNotNull(nameof(_current), nameof(_digest))]
    private void Read()
    {
        _readAt = _time.GetTimestamp();
        var options = _files.Read(_keyLog);
        // Clients without a certificate are told so with a code of the proxy's, see PipeApplication.
        options.RequireClientCertificate = false;
        options.TicketIssuer = _issuer;
        var digest = Digest(options);
        if (_current is null || _digest is null || !digest.AsSpan().SequenceEqual(_digest))
        {
            (_current, _digest) = (_files.Prepare(options), digest);
        }
    }

    private static byte[] Digest(QuicTlsOptions options) => SHA256.HashData(Encoding.UTF8.GetBytes(string.Join(
        '\0',
        options.TrustedCertificatesPem,
        options.CertificateChainPem,
        options.PrivateKeyPem,
        options.RevocationListsPem)));
}
