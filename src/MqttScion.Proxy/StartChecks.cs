using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using MqttScion.Scion;

namespace MqttScion.Proxy;

/// <summary>
/// What a proxy can know at its start of faults that its first client would find: each is a warning, and none keeps it
/// from starting, as a broker may start later and a certificate be renewed.
/// </summary>
internal sealed class StartChecks(ProxyOptions options, TimeProvider time, ILogger log)
{
    private const string ServerUsage = "1.3.6.1.5.5.7.3.1";

    private static readonly TimeSpan SourceLimit = TimeSpan.FromSeconds(5);

    /// <summary>Checks certificates and broker, and the local AS where a path source is known.</summary>
    /// <param name="source">Who knows the local AS, or null.</param>
    /// <param name="cancellationToken">Ends the checks.</param>
    public async Task RunAsync(ScionOptions? source, CancellationToken cancellationToken)
    {
        CheckCertificate("--cert", options.Tls.Certificate!, isServer: true);
        CheckCertificate("--ca-cert", options.Tls.TrustedCertificates!, isServer: false);
        await CheckBrokerAsync(cancellationToken).ConfigureAwait(false);
        if (source is not null)
            await CheckLocalAsAsync(source, cancellationToken).ConfigureAwait(false);
    }

    private void CheckCertificate(string option, string file, bool isServer)
    {
        try
        {
            using var certificate = X509CertificateLoader.LoadCertificateFromFile(file);
            var now = time.GetUtcNow().UtcDateTime;
            var from = certificate.NotBefore.ToUniversalTime();
            var until = certificate.NotAfter.ToUniversalTime();
            if (now > until)
                Warn($"{option}: the certificate in '{file}' has expired, on {Text(until)}; clients refuse it.");
            else if (now < from)
                Warn($"{option}: the certificate in '{file}' is valid from {Text(from)} only; clients refuse it.");
            var usages = certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().FirstOrDefault();
            if (isServer && usages is not null
                && !usages.EnhancedKeyUsages.OfType<Oid>().Any(usage => usage.Value == ServerUsage))
            {
                Warn(
                    $"{option}: the certificate in '{file}' may not act as a server (its extended key usage lacks "
                    + "serverAuth); clients refuse it.");
            }
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            // The proxy has read and used it just before: it is being replaced, and is read again with the next client.
            ProxyLog.CertificatesUnusable(log, e.Message);
        }
    }

    private async Task CheckBrokerAsync(CancellationToken cancellationToken)
    {
        _ = ProxyOptions.TryParseBroker(options.Broker, out var broker); // Validate has seen to it.
        using var timer = new CancellationTokenSource(options.BrokerConnectTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(broker, either.Token).ConfigureAwait(false);
        }
        catch (SocketException e)
        {
            Warn(
                $"--mqtt-broker: {options.Broker} can't be reached now: {e.Message}; clients are refused until it is.");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Warn($"--mqtt-broker: {options.Broker} gives no answer; clients are refused until it does.");
        }
    }

    private async Task CheckLocalAsAsync(ScionOptions source, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(SourceLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        var listen = ScionEndPoint.Parse(options.Listen);
        try
        {
            using var paths = PathSources.Create(source, time);
            var local = await paths.GetLocalAsync(either.Token).ConfigureAwait(false);
            if (!local.Any(each => each.IsdAs == listen.IsdAs))
            {
                Warn(
                    $"--listen: this host is not in {listen.IsdAs}, its path source names "
                    + $"{string.Join(", ", local.Select(each => each.IsdAs))}; no client finds it there.");
            }
        }
        catch (Exception e) when (e is PathLookupException or ArgumentException
            || e is OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            Warn($"--listen: whether this host is in {listen.IsdAs} is not known, its path source failed: {e.Message}");
        }
    }

    private void Warn(string problem) => ProxyLog.StartsWithFault(log, problem);

    private static string Text(DateTime utc) => utc.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
