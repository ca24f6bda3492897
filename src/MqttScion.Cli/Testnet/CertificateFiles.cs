using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MqttScion.Testnet;

namespace MqttScion.Cli;

/// <summary>
/// The certificates of the test network in their directory, under the names that proxy and client look for.
/// </summary>
internal sealed class CertificateFiles(string directory)
{
    private static readonly TestCertificateNames Names = new(
        "ca-cert.pem", "proxy-cert.pem", "proxy-key.pem", "client-cert.pem", "client-key.pem");

    // They must last for the session that begins now.
    private static readonly TimeSpan LeastValidity = TimeSpan.FromDays(1);

    private readonly List<string> _created = [];

    /// <summary>The directory.</summary>
    public string Directory => directory;

    /// <summary>The certificate of the CA.</summary>
    public string Ca => Path.Combine(directory, Names.Ca);

    /// <summary>The proxy's certificate.</summary>
    public string Proxy => Path.Combine(directory, Names.Server);

    /// <summary>The proxy's private key.</summary>
    public string ProxyKey => Path.Combine(directory, Names.ServerKey);

    /// <summary>The client's certificate.</summary>
    public string Client => Path.Combine(directory, Names.Client);

    /// <summary>The client's private key.</summary>
    public string ClientKey => Path.Combine(directory, Names.ClientKey);

    /// <summary>
    /// Issues new certificates unless those in the directory are all valid for a day; true when they were kept.
    /// </summary>
    /// <param name="hosts">The names and addresses that the proxy's certificate must carry.</param>
    /// <param name="now">The time.</param>
    public bool KeepOrCreate(IReadOnlyList<string> hosts, DateTimeOffset now)
    {
        if (AreValid(hosts, now + LeastValidity))
            return true;
        string[] created = [Ca, Proxy, ProxyKey, Client, ClientKey];
        _created.AddRange(created.Where(file => !File.Exists(file)));
        if (!System.IO.Directory.Exists(directory))
            _created.Add(directory);
        TestCertificates.Create(directory, hosts, files: Names);
        return false;
    }

    /// <summary>Takes away what was not there before.</summary>
    public void RemoveCreated()
    {
        foreach (var path in _created)
        {
            if (path != directory)
                File.Delete(path);
            else if (!System.IO.Directory.EnumerateFileSystemEntries(path).Any())
                System.IO.Directory.Delete(path);
        }
        _created.Clear();
    }

    private bool AreValid(IReadOnlyList<string> hosts, DateTimeOffset at)
    {
        try
        {
            using var ca = X509CertificateLoader.LoadCertificateFromFile(Ca);
            using var proxy = X509Certificate2.CreateFromPemFile(Proxy, ProxyKey);
            using var client = X509Certificate2.CreateFromPemFile(Client, ClientKey);
            return LeadsTo(ca, proxy, at)
                && LeadsTo(ca, client, at)
                && hosts.All(host => proxy.MatchesHostname(host, allowWildcards: false, allowCommonName: false));
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or IOException)
        {
            // Absent, cut off or of another key: new ones are issued.
            return false;
        }
    }

    private static bool LeadsTo(X509Certificate2 ca, X509Certificate2 certificate, DateTimeOffset at)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(ca);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationTime = at.UtcDateTime;
        chain.ChainPolicy.VerificationTimeIgnored = false;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        return chain.Build(certificate);
    }
}
