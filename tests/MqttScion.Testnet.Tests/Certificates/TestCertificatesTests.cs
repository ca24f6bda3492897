using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MqttScion.Testnet.Tests;

public sealed class TestCertificatesTests : IDisposable
{
    private const string ServerUsage = "1.3.6.1.5.5.7.3.1";
    private readonly string _directory = Directory.CreateTempSubdirectory("mqttscion").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Create_without_faults_gives_certificates_that_the_CA_vouches_for()
    {
        var files = TestCertificates.Create(_directory, serverNames: ["proxy.example", "127.0.0.1", "::1"]);

        using var server = X509Certificate2.CreateFromPemFile(files.ServerFile, files.ServerKeyFile);
        using var client = X509Certificate2.CreateFromPemFile(files.ClientFile, files.ClientKeyFile);
        IsTrusted(files, server).Should().BeTrue();
        IsTrusted(files, client).Should().BeTrue();
        server.MatchesHostname("proxy.example").Should().BeTrue();
        server.MatchesHostname("127.0.0.1").Should().BeTrue();
        server.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single()
            .EnumerateIPAddresses().Should().HaveCount(2);
        Usages(server).Should().Equal(ServerUsage);
    }

    [Fact]
    public void Create_key_files_are_for_their_owner_only()
    {
        var files = TestCertificates.Create(_directory);
        TestCertificates.Create(_directory); // Replacing must not loosen the mode.
        if (!OperatingSystem.IsWindows())
        {
            foreach (var key in new[] { files.ServerKeyFile, files.ClientKeyFile })
            {
                File.GetUnixFileMode(key).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }
        }
    }

    [Theory]
    [InlineData(CertificateFault.Expired, false)]
    [InlineData(CertificateFault.NotYetValid, false)]
    [InlineData(CertificateFault.UnknownCa, false)]
    [InlineData(CertificateFault.WrongName, true)]
    [InlineData(CertificateFault.WrongUsage, true)]
    [InlineData(CertificateFault.NoUsage, true)]
    public void Create_with_a_fault_gives_a_certificate_with_that_fault(CertificateFault fault, bool isTrusted)
    {
        var files = TestCertificates.Create(_directory, server: fault);

        using var server = X509Certificate2.CreateFromPemFile(files.ServerFile, files.ServerKeyFile);
        IsTrusted(files, server).Should().Be(isTrusted);
        server.MatchesHostname("localhost").Should().Be(fault != CertificateFault.WrongName);
        Usages(server).Contains(ServerUsage)
            .Should().Be(fault is not (CertificateFault.WrongUsage or CertificateFault.NoUsage));
        using var client = X509Certificate2.CreateFromPemFile(files.ClientFile, files.ClientKeyFile);
        IsTrusted(files, client).Should().BeTrue();
    }

    private static List<string> Usages(X509Certificate2 certificate) =>
    [
        .. certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>()
            .SelectMany(extension => extension.EnhancedKeyUsages.Cast<Oid>().Select(oid => oid.Value!)),
    ];

    private static bool IsTrusted(TestCertificates files, X509Certificate2 certificate)
    {
        using var ca = X509CertificateLoader.LoadCertificateFromFile(files.CaFile);
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(ca);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate);
    }
}
