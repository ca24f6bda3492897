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
    private static ReadOnlySpan<byte> ServerAuthentication => "1.3.6.1.5.5.7.3.1"u8;

    private static ReadOnlySpan<byte> ClientAuthentication => "1.3.6.1.5.5.7.3.2"u8;

    private string Role => peerIsServer ? "server" : "client";

    /// <summary>Gives what is wrong with a chain, the leaf first; null when it is good.</summary>
    public CertificateVerdict? Judge(IReadOnlyList<byte[]> chain)
    {
        uint status = 0;
        var handles = new nint[chain.Count];
        int result;
        try
        {
            result = Import(chain, handles);
            result = result < 0 ? result : Verify(handles, &status);
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
            ? new CertificateVerdict(
                TlsAlert.BadCertificate,
                $"the {Role}'s certificate cannot be checked: {GnuTlsLibrary.ErrorText(result)}")
            : status == 0 ? null : CertificateVerdict.Explain(status, Role, chain[0], name);
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

    private int Verify(nint[] handles, uint* status)
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
                list, h, (uint)handles.Length, fields, fieldCount, flags: 0, status, output: 0);
            GC.KeepAlive(credentials);
            return result;
        }
    }
}
