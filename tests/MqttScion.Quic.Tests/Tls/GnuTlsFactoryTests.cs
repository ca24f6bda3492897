using System.Security.Cryptography;

namespace MqttScion.Quic.Tests;

/// <summary>Options that cannot be used are named, with the reason, when the factory or a session is made.</summary>
public class GnuTlsFactoryTests(TlsFixture fixture) : IClassFixture<TlsFixture>
{
    private const string BadCertificatePem = "-----BEGIN CERTIFICATE-----\nMIIBAAAA\n-----END CERTIFICATE-----\n";
    private const string BadKeyPem = "-----BEGIN PRIVATE KEY-----\nMIIBAAAA\n-----END PRIVATE KEY-----\n";

    [Theory]
    [InlineData("", "holds nothing between PEM lines of CERTIFICATE")]
    [InlineData("ca.pem", "holds nothing between PEM lines of CERTIFICATE")]
    [InlineData(BadCertificatePem, "cannot be read")]
    public void Trusted_certificates_that_cannot_be_used_are_named(string pem, string problem) =>
        AssertRefused(nameof(QuicTlsOptions.TrustedCertificatesPem), problem, o => o.TrustedCertificatesPem = pem);

    [Theory]
    [InlineData("", "holds nothing between PEM lines of CERTIFICATE")]
    [InlineData(BadCertificatePem, "cannot be read")]
    [InlineData(null, "is missing but PrivateKeyPem is set")]
    public void Certificate_that_cannot_be_used_is_named(string? pem, string problem) =>
        AssertRefused(nameof(QuicTlsOptions.CertificateChainPem), problem, o => o.CertificateChainPem = pem);

    [Theory]
    [InlineData("", "holds nothing between PEM lines of PRIVATE KEY")]
    [InlineData(BadKeyPem, "cannot be read")]
    [InlineData(null, "is missing but CertificateChainPem is set")]
    public void Key_that_cannot_be_used_is_named(string? pem, string problem) =>
        AssertRefused(nameof(QuicTlsOptions.PrivateKeyPem), problem, o => o.PrivateKeyPem = pem);

    [Fact]
    public void Key_that_does_not_match_the_certificate_is_named() => AssertRefused(
        nameof(QuicTlsOptions.PrivateKeyPem),
        "does not match the first certificate of CertificateChainPem",
        o => o.PrivateKeyPem = fixture.Client.KeyPem);

    [Fact]
    public void Key_that_is_encrypted_is_named()
    {
        using var key = ECDsa.Create();
        var parameters = new PbeParameters(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, 1000);
        var pem = key.ExportEncryptedPkcs8PrivateKeyPem("secret", parameters);

        AssertRefused(nameof(QuicTlsOptions.PrivateKeyPem), "is encrypted", o => o.PrivateKeyPem = pem);
    }

    [Theory]
    [InlineData("", "holds nothing between PEM lines of X509 CRL")]
    [InlineData("-----BEGIN X509 CRL-----\nMIIBAAAA\n-----END X509 CRL-----\n", "cannot be read")]
    public void Revocation_lists_that_cannot_be_used_are_named(string pem, string problem) =>
        AssertRefused(nameof(QuicTlsOptions.RevocationListsPem), problem, o => o.RevocationListsPem = pem);

    [Fact]
    public void Revocation_lists_without_trusted_certificates_are_named() => AssertRefused(
        nameof(QuicTlsOptions.RevocationListsPem),
        "needs TrustedCertificatesPem",
        o => (o.RevocationListsPem, o.TrustedCertificatesPem) = (fixture.Ca.RevocationListPem(), null));

    [Fact]
    public void Application_protocols_that_cannot_be_used_are_named()
    {
        const string Option = nameof(QuicTlsOptions.ApplicationProtocols);
        AssertRefused(Option, "is empty", o => o.ApplicationProtocols = []);
        foreach (var protocol in new[] { string.Empty, new string('x', 32), "é" })
        {
            AssertRefused(Option, "1 to 31 bytes of ASCII", o => o.ApplicationProtocols = [protocol]);
        }

        var nine = Enumerable.Range(0, 9).Select(index => $"p{index}").ToArray();
        AssertRefused(Option, "at most 8", o => o.ApplicationProtocols = nine);
    }

    [Fact]
    public void Application_protocols_at_the_limits_are_negotiated()
    {
        string[] protocols = [.. Enumerable.Range(0, 7).Select(index => $"p{index}"), new string('x', 31)];
        var client = fixture.Options(fixture.Client);
        var server = fixture.Options(fixture.Server);
        client.ApplicationProtocols = protocols;
        server.ApplicationProtocols = protocols[^1..];
        using var pair = fixture.Pair(client, server).Run();

        pair.IsComplete.Should().BeTrue();
        pair.Client.Tls.ApplicationProtocol.Should().Be(protocols[^1]);
    }

    [Fact]
    public void Several_trusted_certificates_are_all_trusted()
    {
        using var other = new TestPki("Other CA");
        var client = fixture.Options(fixture.Client);
        client.TrustedCertificatesPem = other.CertificatePem + "\n" + fixture.Ca.CertificatePem;
        using var pair = fixture.Pair(client: client).Run();

        pair.IsComplete.Should().BeTrue();
    }

    [Fact]
    public void CreateClient_without_trusted_certificates_throws()
    {
        using var factory = new GnuTlsFactory(new QuicTlsOptions());
        var act = () => factory.CreateClient("proxy.example");

        act.Should().Throw<TlsConfigurationException>()
            .Which.Option.Should().Be(nameof(QuicTlsOptions.TrustedCertificatesPem));
    }

    [Fact]
    public void CreateServer_without_certificate_throws()
    {
        using var factory = new GnuTlsFactory(fixture.Options(identity: null));
        Action act = () => factory.CreateServer();

        act.Should().Throw<TlsConfigurationException>()
            .Which.Option.Should().Be(nameof(QuicTlsOptions.CertificateChainPem));
    }

    [Fact]
    public void CreateServer_that_requires_client_certificates_without_trusted_ones_throws()
    {
        var options = fixture.Options(fixture.Server);
        options.TrustedCertificatesPem = null;
        using var factory = new GnuTlsFactory(options);
        Action act = () => factory.CreateServer();

        act.Should().Throw<TlsConfigurationException>()
            .Which.Option.Should().Be(nameof(QuicTlsOptions.TrustedCertificatesPem));
    }

    [Fact]
    public void Factory_after_disposal_makes_no_sessions()
    {
        var factory = new GnuTlsFactory(fixture.Options(fixture.Server));
        factory.Dispose();
        factory.Dispose();
        Action act = () => factory.CreateServer();

        act.Should().Throw<ObjectDisposedException>();
    }

    private void AssertRefused(string option, string problem, Action<QuicTlsOptions> change)
    {
        var options = fixture.Options(fixture.Server);
        change(options);
        var act = () => new GnuTlsFactory(options);

        var exception = act.Should().Throw<TlsConfigurationException>().Which;
        exception.Option.Should().Be(option);
        exception.Message.Should().StartWith($"TLS option {option}: ").And.Contain(problem);
    }
}
