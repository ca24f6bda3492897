using System.Text;

namespace MqttScion.Quic;

/// <summary>
/// Checks a peer's certificates as a handshake would, without one: chain, time, revocation, purpose and name.
/// </summary>
/// <param name="credentials">The CAs and revocation lists; the caller keeps them alive.</param>
/// <param name="peerIsServer">Whether the certificates are those of a server.</param>
/// <param name="name">The name that the first certificate must carry, or null for any.</param>
internal sealed unsafe class PeerCheck(GnuTlsCredentialsHandle credentials, bool peerIsServer, PeerName? name)
{
    // GNUTLS_PROFILE_MEDIUM: 112 bits, that is RSA of 2048 bits, and no hash below SHA-224.
    private const uint MediumProfile = 5u << 24;

    private const uint WrongName = 1 << 14;

    private static ReadOnlySpan<byte> ServerAuthentication => "1.3.6.1.5.5.7.3.1"u8;

    private static ReadOnlySpan<byte> ClientAuthentication => "1.3.6.1.5.5.7.3.2"u8;

    private string Role => peerIsServer ? "server" : "client";

    /// <summary>Gives what is wrong with a chain, the leaf first; null when it is good.</summary>
    public CertificateVerdict? Judge(IReadOnlyList<byte[]> chain)
    {
        var (result, status) = Check(credentials, chain);
        if (result < 0)
        {
            return new CertificateVerdict(
                TlsAlert.BadCertificate,
                $"the {Role}'s certificate cannot be checked: {GnuTlsLibrary.ErrorText(result)}");
        }

        if (status == 0)
        {
            return null;
        }

        using var issuers = new IssuerSet(chain, credentials);
        return (status & IssuerSet.OutOfDate) != 0 && IsGoodWithoutOutdated(chain, issuers)
            ? null
            : CertificateVerdict.Explain(status, Role, issuers, name);
    }

    // RFC 5280 §6: a path exists when one of several certificates of an issuer is good. GnuTLS tries the first only.
    private bool IsGoodWithoutOutdated(IReadOnlyList<byte[]> chain, IssuerSet issuers)
    {
        using var trust = issuers.LoadTrustWithoutOutdated();
        byte[][] kept = [chain[0], .. chain.Skip(1).Where(der => !IssuerSet.IsOutdated(der))];
        return (trust is not null || kept.Length < chain.Count) && Check(trust ?? credentials, kept) is (0, 0);
    }

    private (int Result, uint Status) Check(GnuTlsCredentialsHandle trust, IReadOnlyList<byte[]> chain)
    {
        uint status = 0;
        var handles = new nint[chain.Count];
        int result;
        try
        {
            result = Import(chain, handles);
            result = result < 0 ? result : Verify(trust, handles, &status);
        }
        finally
        {
            foreach (var handle in handles)
            {
                if (handle != 0)
                {
                    GnuTlsNative.CertificateDeinit(handle);
                }
            }
        }

        // RFC 9525 §2: the common name is no server name. GnuTLS still takes it where there is no other.
        var isNamed = result < 0 || name is not { Address: null } || CertificateVerdict.HasDnsName(chain[0]);
        return (Math.Min(result, 0), isNamed ? status : status | WrongName);
    }

    private static int Import(IReadOnlyList<byte[]> chain, nint[] handles)
    {
        var result = 0;
        for (var index = 0; index < handles.Length && result >= 0; index++)
        {
            fixed (nint* handle = &handles[index])
            fixed (byte* bytes = chain[index])
            {
                var datum = new GnuTlsDatum(bytes, chain[index].Length);
                result = GnuTlsNative.CertificateInit(handle);
                result = result < 0
                    ? result
                    : GnuTlsNative.CertificateImport(*handle, &datum, GnuTlsNative.FormatDer);
            }
        }

        return result;
    }

    private int Verify(GnuTlsCredentialsHandle trust, nint[] handles, uint* status)
    {
        nint list;
        GnuTlsNative.CertificateGetTrustList(trust, &list);
        var purpose = peerIsServer ? ServerAuthentication : ClientAuthentication;
        var expected = name?.Address ?? Encoding.ASCII.GetBytes(name?.Text + "\0");
        fixed (byte* p = purpose, e = expected)
        fixed (nint* h = handles)
        {
            var fields = stackalloc GnuTlsVerificationField[2];
            fields[0] = new GnuTlsVerificationField
            {
                Type = GnuTlsVerificationField.KeyPurposeOid,
                Value = p,
                Length = (uint)purpose.Length,
            };
            fields[1] = new GnuTlsVerificationField
            {
                Type = name?.Address is null ? GnuTlsVerificationField.DnsHostName : GnuTlsVerificationField.IpAddress,
                Value = e,
                Length = (uint)(name?.Address?.Length ?? name?.Text.Length ?? 0),
            };
            var fieldCount = name is null ? 1u : 2u;
            var result = GnuTlsNative.TrustListVerify(
                list, h, (uint)handles.Length, fields, fieldCount, MediumProfile, status, output: 0);
            GC.KeepAlive(trust);
            return result;
        }
    }
}
