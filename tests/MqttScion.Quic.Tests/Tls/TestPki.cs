using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MqttScion.Quic.Tests;

/// <summary>What a test wants in a leaf certificate.</summary>
internal sealed record TestLeaf
{
    public string CommonName { get; init; } = "leaf";

    public string[] DnsNames { get; init; } = [];

    public string[] IpAddresses { get; init; } = [];

    /// <summary>The OIDs of extended key usage; none leaves the extension out.</summary>
    public string[] Purposes { get; init; } = [];

    public TimeSpan ValidFrom { get; init; } = TimeSpan.FromHours(-1);

    public TimeSpan ValidUntil { get; init; } = TimeSpan.FromHours(1);
}

/// <summary>A CA made for a test, with what it issues.</summary>
internal sealed class TestPki : IDisposable
{
    public const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    public const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _certificate;
    private byte _serial = 1;

    public TestPki(string name = "Test CA")
    {
        var request = new CertificateRequest($"CN={name}", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(
            X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign,
            critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        var now = DateTimeOffset.UtcNow;
        _certificate = request.CreateSelfSigned(now.AddDays(-30), now.AddDays(30));
    }

    public string CertificatePem => _certificate.ExportCertificatePem();

    public TestIdentity Issue(TestLeaf leaf)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={leaf.CommonName}", key, HashAlgorithmName.SHA256);
        if (leaf.DnsNames.Length + leaf.IpAddresses.Length > 0)
        {
            var names = new SubjectAlternativeNameBuilder();
            Array.ForEach(leaf.DnsNames, names.AddDnsName);
            Array.ForEach(leaf.IpAddresses, ip => names.AddIpAddress(IPAddress.Parse(ip)));
            request.CertificateExtensions.Add(names.Build());
        }

        if (leaf.Purposes.Length > 0)
        {
            var purposes = new OidCollection();
            Array.ForEach(leaf.Purposes, oid => purposes.Add(new Oid(oid)));
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(purposes, critical: false));
        }

        var serial = NextSerial();
        var now = DateTimeOffset.UtcNow;
        using var certificate = request.Create(_certificate, now + leaf.ValidFrom, now + leaf.ValidUntil, serial);
        return Identity(certificate.RawData, key, serial);
    }

    /// <summary>
    /// A certificate of X.509 version 1, without any extension, which the base class library cannot make by itself.
    /// </summary>
    public TestIdentity IssueVersion1(string commonName)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var serial = NextSerial();
        var now = DateTimeOffset.UtcNow;
        var body = new AsnWriter(AsnEncodingRules.DER);
        using (body.PushSequence())
        {
            body.WriteInteger(serial);
            WriteEcdsaWithSha256(body);
            body.WriteEncodedValue(_certificate.SubjectName.RawData);
            using (body.PushSequence())
            {
                body.WriteUtcTime(now.AddHours(-1));
                body.WriteUtcTime(now.AddHours(1));
            }

            body.WriteEncodedValue(new X500DistinguishedName($"CN={commonName}").RawData);
            body.WriteEncodedValue(key.ExportSubjectPublicKeyInfo());
        }

        var signed = body.Encode();
        var certificate = new AsnWriter(AsnEncodingRules.DER);
        using (certificate.PushSequence())
        {
            certificate.WriteEncodedValue(signed);
            WriteEcdsaWithSha256(certificate);
            certificate.WriteBitString(
                _key.SignData(signed, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
        }

        return Identity(certificate.Encode(), key, serial);
    }

    public string RevocationListPem(params TestIdentity[] revoked) =>
        RevocationListPem(thisUpdate: TimeSpan.FromMinutes(-1), nextUpdate: TimeSpan.FromDays(1), revoked);

    public string RevocationListPem(TimeSpan thisUpdate, TimeSpan nextUpdate, params TestIdentity[] revoked)
    {
        var list = new CertificateRevocationListBuilder();
        foreach (var identity in revoked)
        {
            list.AddEntry(identity.Serial);
        }

        var now = DateTimeOffset.UtcNow;
        var der = list.Build(_certificate, 1, now + nextUpdate, HashAlgorithmName.SHA256, thisUpdate: now + thisUpdate);
        return PemEncoding.WriteString("X509 CRL", der);
    }

    public void Dispose()
    {
        _certificate.Dispose();
        _key.Dispose();
    }

    private static void WriteEcdsaWithSha256(AsnWriter writer)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier("1.2.840.10045.4.3.2");
        }
    }

    private static TestIdentity Identity(byte[] certificate, ECDsa key, byte[] serial) => new(
        PemEncoding.WriteString("CERTIFICATE", certificate),
        key.ExportPkcs8PrivateKeyPem(),
        certificate,
        serial);

    private byte[] NextSerial() => [0x01, _serial++];
}
