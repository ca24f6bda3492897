using System.Text;

namespace MqttScion.Quic;

/// <summary>The CAs and revocation lists of loaded credentials.</summary>
/// <param name="credentials">The credentials; disposed with this.</param>
internal sealed unsafe class GnuTlsPeerTrust(GnuTlsCredentialsHandle credentials) : IPeerTrust
{
    // GNUTLS_PROFILE_MEDIUM: 112 bits, that is RSA of PeerCheck.LeastRsaBits, and no hash below SHA-224.
    private const uint MediumProfile = 5u << 24;

    // The gnutls_certificate_status_t bits. Bit 1, "invalid", comes with each of the others.
    private static readonly (uint Bit, CertificateProblems Problem)[] Known =
    [
        (1 << 5, CertificateProblems.Revoked),
        (1 << 6, CertificateProblems.UnknownCa),
        (1 << 7, CertificateProblems.IssuerIsNoCa),
        (1 << 8, CertificateProblems.TooWeak),
        (1 << 9, CertificateProblems.NotYetValid),
        (1 << 10, CertificateProblems.Expired),
        (1 << 11, CertificateProblems.WrongSignature),
        (1 << 12, CertificateProblems.OcspOutdated),
        (1 << 14, CertificateProblems.WrongName),
        (1 << 15, CertificateProblems.OcspOfFuture),
        (1 << 16, CertificateProblems.BreaksConstraint),
        (1 << 18, CertificateProblems.WrongPurpose),
        (1 << 21, CertificateProblems.UnknownExtension),
    ];

    private static ReadOnlySpan<byte> ServerAuthentication => "1.3.6.1.5.5.7.3.1"u8;

    private static ReadOnlySpan<byte> ClientAuthentication => "1.3.6.1.5.5.7.3.2"u8;

    /// <inheritdoc/>
    public string? TrustedPem => credentials.TrustedPem;

    /// <summary>True when a certificate has expired or is not yet valid, by the clock of GnuTLS.</summary>
    public static bool IsOutdated(byte[] der) => TimeProblem(der) != CertificateProblems.None;

    /// <inheritdoc/>
    public CertificateProblems TimeProblemOf(byte[] der) => TimeProblem(der);

    /// <inheritdoc/>
    public IPeerTrust WithTrusted(string pem) => new GnuTlsPeerTrust(GnuTlsCredentialsLoader.Load(new QuicTlsOptions
    {
        TrustedCertificatesPem = pem,
        RevocationListsPem = credentials.RevocationListsPem,
    }));

    /// <inheritdoc/>
    public ChainCheck Check(IReadOnlyList<byte[]> chain, bool peerIsServer, PeerName? name)
    {
        uint status = 0;
        var handles = new nint[chain.Count];
        int result;
        try
        {
            result = Import(chain, handles);
            result = result < 0 ? result : Verify(handles, peerIsServer, name, &status);
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

        return result < 0
            ? new ChainCheck(CertificateProblems.Uncheckable, GnuTlsLibrary.ErrorText(result))
            : ToCheck(status);
    }

    /// <inheritdoc/>
    public void Dispose() => credentials.Dispose();

    private static ChainCheck ToCheck(uint status)
    {
        var problems = CertificateProblems.None;
        foreach (var (bit, problem) in Known)
        {
            problems |= (status & bit) != 0 ? problem : CertificateProblems.None;
        }

        return status != 0 && problems == CertificateProblems.None
            ? new ChainCheck(CertificateProblems.Other, $"{status:x}")
            : new ChainCheck(problems);
    }

    // A certificate that is trusted itself has nothing to be checked but its time.
    private static CertificateProblems TimeProblem(byte[] der)
    {
        if (GnuTlsNative.CertificateAllocateCredentials(out var alone) < 0)
        {
            return CertificateProblems.None;
        }

        using (alone)
        {
            nint handle = 0, list;
            uint status = 0;
            fixed (byte* bytes = der)
            {
                var datum = new GnuTlsDatum(bytes, der.Length);
                if (GnuTlsNative.CertificateSetTrust(alone, &datum, GnuTlsNative.FormatDer) <= 0 ||
                    GnuTlsNative.CertificateInit(&handle) < 0)
                {
                    return CertificateProblems.None;
                }

                var result = GnuTlsNative.CertificateImport(handle, &datum, GnuTlsNative.FormatDer);
                GnuTlsNative.CertificateGetTrustList(alone, &list);
                result = result < 0
                    ? result
                    : GnuTlsNative.TrustListVerify(list, &handle, 1, null, 0, flags: 0, &status, output: 0);
                GnuTlsNative.CertificateDeinit(handle);
                return result < 0
                    ? CertificateProblems.None
                    : ToCheck(status).Problems & CertificateProblems.OutOfDate;
            }
        }
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

    private int Verify(nint[] handles, bool peerIsServer, PeerName? name, uint* status)
    {
        nint list;
        GnuTlsNative.CertificateGetTrustList(credentials, &list);
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
            GC.KeepAlive(credentials);
            return result;
        }
    }
}
