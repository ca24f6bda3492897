using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MqttScion.Quic.Tests;

/// <summary>Chains through several issuers: which way is found, and what is too weak.</summary>
public sealed class CertificateChainTests : IDisposable
{
    private const string Host = TlsFixture.ServerName;

    private readonly ECDsa _rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDsa _issuerKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly DateTimeOffset _now = DateTimeOffset.UtcNow;
    private byte _serial;

    public void Dispose()
    {
        _rootKey.Dispose();
        _issuerKey.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Expired_issuer_beside_a_valid_one_of_the_same_name_and_key_is_passed_over(bool isExpiredFirst)
    {
        using var root = Root(-1000, 1000);
        using var expired = Issuer(root, -100, -10);
        using var valid = Issuer(root, -10, 100);
        X509Certificate2[] issuers = isExpiredFirst ? [expired, valid] : [valid, expired];
        var leaf = Leaf(valid, _issuerKey, [.. issuers.Select(Pem)]);

        Connect(leaf, Pem(root)).Should().BeNull();
        // GnuTLS sends one of them only; others send what they have.
        using var trust = GnuTlsCredentialsLoader.Load(new QuicTlsOptions { TrustedCertificatesPem = Pem(root) });
        new PeerCheck(new GnuTlsPeerTrust(trust), peerIsServer: true, PeerName.Parse(Host))
            .Judge([leaf.Certificate, .. issuers.Select(static issuer => issuer.RawData)])
            .Should().BeNull();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Expired_root_beside_a_valid_one_of_the_same_name_and_key_is_passed_over(bool isExpiredFirst)
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var otherRoot = SelfSigned("Old Root", other, X509SignatureGenerator.CreateForECDsa(other), -1000, 1000);
        // Cross-signed by the old root, as such certificates were.
        using var expired = Sign("Root", _rootKey, otherRoot, -1000, -10, isCa: true);
        using var valid = Root(-1000, 1000);
        using var issuer = Issuer(valid, -10, 100);
        var trust = isExpiredFirst ? Pem(expired) + Pem(valid) : Pem(valid) + Pem(expired);

        Connect(Leaf(issuer, _issuerKey, [Pem(issuer)]), trust).Should().BeNull();
    }

    [Fact]
    public void Revocation_counts_on_the_way_around_an_expired_issuer()
    {
        using var root = Root(-1000, 1000);
        using var expired = Issuer(root, -100, -10);
        using var valid = Issuer(root, -10, 100);
        var leaf = Leaf(valid, _issuerKey, [Pem(expired), Pem(valid)]);
        var list = new CertificateRevocationListBuilder();
        list.AddEntry(leaf.Serial);
        var der = list.Build(valid, 1, _now.AddDays(1), HashAlgorithmName.SHA256, thisUpdate: _now.AddDays(-1));

        Connect(leaf, Pem(root), PemEncoding.WriteString("X509 CRL", der))!.Reason.Should().Contain("revoked");
    }

    [Fact]
    public void Text_names_the_certificate_that_has_expired_and_its_end()
    {
        using var root = Root(-1000, 1000);
        using var expired = Issuer(root, -100, -10);

        Connect(Leaf(expired, _issuerKey, [Pem(expired)]), Pem(root))!.Reason.Should()
            .Contain("comes from an issuer that has expired")
            .And.Contain($"CN=Issuer was valid until {_now.UtcDateTime.AddDays(-10):yyyy-MM-dd}");
    }

    [Fact]
    public void Text_names_the_root_that_has_expired()
    {
        using var root = Root(-1000, -1);
        using var issuer = Issuer(root, -100, -2);
        using var valid = Sign("Issuer", _issuerKey, root, -100, -1, isCa: true);

        Connect(Leaf(valid, _issuerKey, [Pem(valid)]), Pem(root))!.Reason.Should().Contain("has expired: CN=");
    }

    [Theory]
    [InlineData(1024, false)]
    [InlineData(2048, true)]
    public void Rsa_key_of_a_leaf_has_2048_bits_at_least(int bits, bool isGood)
    {
        using var root = Root(-10, 10);
        using var rsa = RSA.Create(bits);
        var request = new CertificateRequest("CN=leaf", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        AddNames(request, Host);
        using var certificate = request.Create(
            root.SubjectName, X509SignatureGenerator.CreateForECDsa(_rootKey), _now.AddDays(-1), _now.AddDays(1), [1]);
        var leaf = new TestIdentity(Pem(certificate), rsa.ExportPkcs8PrivateKeyPem(), certificate.RawData, [1]);

        AssertWeak(Connect(leaf, Pem(root)), isGood, "expected an RSA key of at least 2048 bits", $"{bits} bits");
        AssertWeak(ConnectAsClient(leaf, Pem(root)), isGood, "the client's certificate", $"{bits} bits");
    }

    [Theory]
    [InlineData(1024, false)]
    [InlineData(2048, true)]
    public void Rsa_key_of_an_issuer_has_2048_bits_at_least(int bits, bool isGood)
    {
        using var rsa = RSA.Create(bits);
        var request = new CertificateRequest("CN=Old CA", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var root = request.CreateSelfSigned(_now.AddDays(-1), _now.AddDays(1));
        var leaf = Leaf(root, X509SignatureGenerator.CreateForRSA(rsa, RSASignaturePadding.Pkcs1), []);

        AssertWeak(Connect(leaf, Pem(root)), isGood, "expected an RSA key of at least 2048 bits", "CN=Old CA has one");
    }

    [Fact]
    public void Signature_with_sha1_is_refused_in_words()
    {
        using var root = Root(-10, 10);
        var leaf = Leaf(root, new Sha1Generator(_rootKey), []);

        Connect(leaf, Pem(root))!.Reason.Should()
            .Contain("expected SHA-256 or better").And.Contain("CN=leaf is signed with SHA-1");
    }

    [Fact]
    public void Root_that_signed_itself_with_sha1_is_as_good_as_any()
    {
        using var root = SelfSigned("Root", _rootKey, new Sha1Generator(_rootKey), -10, 10);

        Connect(Leaf(root, _rootKey, []), Pem(root)).Should().BeNull();
    }

    [Fact]
    public void Common_name_is_no_name_of_a_server()
    {
        using var root = Root(-10, 10);
        var leaf = Leaf(root, _rootKey, [], subject: Host, dnsName: null);

        var failure = Connect(leaf, Pem(root));

        failure!.Reason.Should().Contain($"expected {Host}").And.Contain("no subject alternative name")
            .And.Contain($"CN={Host}").And.Contain("RFC 9525");
        ((TlsAlert)failure.Alert).Should().Be(TlsAlert.BadCertificate);
    }

    private static void AssertWeak(QuicTlsFailure? failure, bool isGood, params string[] text)
    {
        if (isGood)
            failure.Should().BeNull();
        else
            failure!.Reason.Should().ContainAll(text);
    }

    private static string Pem(X509Certificate2 certificate) => certificate.ExportCertificatePem() + "\n";

    private static void AddNames(CertificateRequest request, string dnsName)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(dnsName);
        request.CertificateExtensions.Add(names.Build());
    }

    private static QuicTlsFailure? Connect(TestIdentity server, string trust, string? revoked = null)
    {
        using var factory = new GnuTlsFactory(new QuicTlsOptions
        {
            TrustedCertificatesPem = trust,
            RevocationListsPem = revoked,
        });
        using var own = new GnuTlsFactory(new QuicTlsOptions
        {
            TrustedCertificatesPem = trust,
            CertificateChainPem = server.CertificatePem,
            PrivateKeyPem = server.KeyPem,
            RequireClientCertificate = false,
        });
        using var pair = new TlsPair(factory.CreateClient(Host, null, false), own.CreateServer(null, false)).Run();
        return pair.Client.Tls.Failure;
    }

    private static QuicTlsFailure? ConnectAsClient(TestIdentity client, string trust)
    {
        using var ca = new TestPki("Server CA");
        var server = ca.Issue(new TestLeaf { DnsNames = [Host] });
        using var own = new GnuTlsFactory(new QuicTlsOptions
        {
            TrustedCertificatesPem = ca.CertificatePem,
            CertificateChainPem = client.CertificatePem,
            PrivateKeyPem = client.KeyPem,
        });
        using var factory = new GnuTlsFactory(new QuicTlsOptions
        {
            TrustedCertificatesPem = trust,
            CertificateChainPem = server.CertificatePem,
            PrivateKeyPem = server.KeyPem,
        });
        using var pair = new TlsPair(own.CreateClient(Host, null, false), factory.CreateServer(null, false)).Run();
        return pair.Server.Tls.Failure;
    }

    private X509Certificate2 Root(int fromDays, int untilDays) =>
        SelfSigned("Root", _rootKey, X509SignatureGenerator.CreateForECDsa(_rootKey), fromDays, untilDays);

    private X509Certificate2 Issuer(X509Certificate2 root, int fromDays, int untilDays) =>
        Sign("Issuer", _issuerKey, root, fromDays, untilDays, isCa: true);

    private X509Certificate2 SelfSigned(
        string name, ECDsa key, X509SignatureGenerator generator, int fromDays, int untilDays)
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var certificate = request.Create(
            request.SubjectName, generator, _now.AddDays(fromDays), _now.AddDays(untilDays), [1, ++_serial]);
        return certificate.CopyWithPrivateKey(key);
    }

    private X509Certificate2 Sign(
        string name, ECDsa key, X509Certificate2 issuer, int fromDays, int untilDays, bool isCa)
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isCa, false, 0, true));
        using var issuerKey = issuer.GetECDsaPrivateKey()!;
        var certificate = request.Create(
            issuer.SubjectName,
            X509SignatureGenerator.CreateForECDsa(issuerKey),
            _now.AddDays(fromDays),
            _now.AddDays(untilDays),
            [1, ++_serial]);
        return certificate.CopyWithPrivateKey(key);
    }

    private TestIdentity Leaf(
        X509Certificate2 issuer, ECDsa issuerKey, string[] issuers, string subject = "leaf", string? dnsName = Host) =>
        Leaf(
            issuer,
            X509SignatureGenerator.CreateForECDsa(issuerKey),
            issuers,
            subject,
            dnsName);

    private TestIdentity Leaf(
        X509Certificate2 issuer,
        X509SignatureGenerator generator,
        string[] issuers,
        string subject = "leaf",
        string? dnsName = Host)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={subject}", key, HashAlgorithmName.SHA256);
        if (dnsName is not null)
            AddNames(request, dnsName);
        byte[] serial = [1, ++_serial];
        using var certificate = request.Create(
            issuer.SubjectName, generator, _now.AddHours(-1), _now.AddHours(1), serial);
        return new TestIdentity(
            Pem(certificate) + string.Concat(issuers), key.ExportPkcs8PrivateKeyPem(), certificate.RawData, serial);
    }

    /// <summary>ECDSA with SHA-1, which the base class library signs no certificates with.</summary>
    private sealed class Sha1Generator(ECDsa key) : X509SignatureGenerator
    {
        public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm) =>
            Convert.FromHexString("300906072a8648ce3d0401");

        public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm) =>
            key.SignData(data, HashAlgorithmName.SHA1, DSASignatureFormat.Rfc3279DerSequence);

        protected override PublicKey BuildPublicKey() => new(key);
    }
}
