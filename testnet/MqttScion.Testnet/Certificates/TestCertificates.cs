using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MqttScion.Testnet;

/// <summary>
/// A CA with a certificate for a server and one for a client, as PEM files in a directory that
/// <see cref="TestCertificateNames"/> names. ECDSA on P-256; for tests only.
/// </summary>
public sealed class TestCertificates
{
    private const string ServerUsage = "1.3.6.1.5.5.7.3.1";
    private const string ClientUsage = "1.3.6.1.5.5.7.3.2";

    private readonly string _directory;
    private readonly TestCertificateNames _names;

    private TestCertificates(string directory, TestCertificateNames names) => (_directory, _names) = (directory, names);

    /// <summary>The certificate of the CA that both sides trust.</summary>
    public string CaFile => Path.Combine(_directory, _names.Ca);

    /// <summary>The server's certificate.</summary>
    public string ServerFile => Path.Combine(_directory, _names.Server);

    /// <summary>The server's private key; only its owner may read it.</summary>
    public string ServerKeyFile => Path.Combine(_directory, _names.ServerKey);

    /// <summary>The client's certificate.</summary>
    public string ClientFile => Path.Combine(_directory, _names.Client);

    /// <summary>The client's private key; only its owner may read it.</summary>
    public string ClientKeyFile => Path.Combine(_directory, _names.ClientKey);

    /// <summary>Issues new certificates and writes them; existing files are replaced.</summary>
    /// <param name="directory">Where to; made when absent.</param>
    /// <param name="serverNames">DNS names and IP addresses of the server; null for localhost and 127.0.0.1.</param>
    /// <param name="clientName">The common name of the client.</param>
    /// <param name="server">What is wrong with the server's certificate.</param>
    /// <param name="client">What is wrong with the client's certificate.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <param name="files">The names of the files; null for <c>ca.pem</c>, <c>server.pem</c> and so on.</param>
    public static TestCertificates Create(
        string directory,
        IReadOnlyList<string>? serverNames = null,
        string clientName = "client",
        CertificateFault server = CertificateFault.None,
        CertificateFault client = CertificateFault.None,
        TimeProvider? time = null,
        TestCertificateNames? files = null)
    {
        var written = new TestCertificates(
            Directory.CreateDirectory(directory).FullName, files ?? new TestCertificateNames());
        var now = (time ?? TimeProvider.System).GetUtcNow();
        // A name of its own, so that what trusts another test CA can tell the two apart.
        using var ca = MakeCa($"MqttScion test CA {RandomNumberGenerator.GetHexString(8, lowercase: true)}", now);
        using var unknownCa = MakeCa("MqttScion unknown CA", now);
        File.WriteAllText(written.CaFile, ca.ExportCertificatePem() + "\n");

        serverNames ??= ["localhost", "127.0.0.1"];
        var names = server == CertificateFault.WrongName ? ["wrong.example"] : serverNames;
        var serverCa = server == CertificateFault.UnknownCa ? unknownCa : ca;
        var serverUsage = server == CertificateFault.WrongUsage ? ClientUsage : ServerUsage;
        Issue(serverCa, names[0], names, serverUsage, server, now, written.ServerFile, written.ServerKeyFile);

        var clientCa = client == CertificateFault.UnknownCa ? unknownCa : ca;
        var clientUsage = client == CertificateFault.WrongUsage ? ServerUsage : ClientUsage;
        Issue(clientCa, clientName, [], clientUsage, client, now, written.ClientFile, written.ClientKeyFile);
        return written;
    }

    private static X509Certificate2 MakeCa(string name, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(
            certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(
            X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return request.CreateSelfSigned(now.AddDays(-30), now.AddYears(2));
    }

    private static void Issue(
        X509Certificate2 ca,
        string commonName,
        IReadOnlyList<string> names,
        string usage,
        CertificateFault fault,
        DateTimeOffset now,
        string certificateFile,
        string keyFile)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={commonName}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(ca, true, false));
        if (fault != CertificateFault.NoUsage)
        {
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], critical: false));
        }
        if (names.Count > 0)
        {
            request.CertificateExtensions.Add(AlternativeNames(names));
        }

        var (from, to) = fault switch
        {
            CertificateFault.Expired => (now.AddDays(-10), now.AddDays(-1)),
            CertificateFault.NotYetValid => (now.AddDays(1), now.AddDays(30)),
            _ => (now.AddHours(-1), now.AddYears(1)),
        };
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] = (byte)(serial[0] & 0x3f | 0x40); // Positive and of full length (RFC 5280 §4.1.2.2).
        using var certificate = request.Create(ca, from, to, serial);
        File.WriteAllText(certificateFile, certificate.ExportCertificatePem() + "\n");
        WriteKey(keyFile, key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    private static X509Extension AlternativeNames(IReadOnlyList<string> names)
    {
        var builder = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            if (IPAddress.TryParse(name, out var address))
            {
                builder.AddIpAddress(address);
            }
            else
            {
                builder.AddDnsName(name);
            }
        }
        return builder.Build();
    }

    private static void WriteKey(string file, string pem)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            // The mode counts only for a new file.
            File.Delete(file);
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        using var writer = new StreamWriter(file, options);
        writer.Write(pem);
    }
}
