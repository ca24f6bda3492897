using System.Text;

namespace MqttScion.Quic;

/// <content>The check of the peer's certificate. It is not called when a session is resumed.</content>
internal sealed unsafe partial class GnuTlsSession
{
    private static ReadOnlySpan<byte> ServerAuthentication => "1.3.6.1.5.5.7.3.1"u8;

    private static ReadOnlySpan<byte> ClientAuthentication => "1.3.6.1.5.5.7.3.2"u8;

    private int VerifyPeer()
    {
        uint count;
        var chain = GnuTlsNative.CertificateGetPeers(_handle, &count);
        if (chain is null || count == 0)
        {
            if (!_needsPeerCertificate)
            {
                return 0;
            }

            Fail(TlsAlert.CertificateRequired, $"no certificate presented by the {PeerRole}");
            return GnuTlsNative.ErrorCertificate;
        }

        PeerCertificate = chain->ToArray();
        uint status;
        var result = _peerName is null
            ? VerifyPurpose(&status)
            : VerifyPurposeAndName(_peerName, &status);
        if (result < 0)
        {
            Fail(
                TlsAlert.BadCertificate,
                $"the {PeerRole}'s certificate cannot be checked: {GnuTlsLibrary.ErrorText(result)}");
            return GnuTlsNative.ErrorCertificate;
        }

        if (status == 0)
        {
            return 0;
        }

        var verdict = CertificateVerdict.Explain(status, PeerRole, PeerCertificate, _peerName);
        Fail(verdict.Alert, verdict.Reason);
        return GnuTlsNative.ErrorCertificate;
    }

    private string PeerRole => _isServer ? "client" : "server";

    private int VerifyPurpose(uint* status)
    {
        fixed (byte* purpose = _isServer ? ClientAuthentication : ServerAuthentication)
        {
            var field = PurposeField(purpose);
            return GnuTlsNative.CertificateVerifyPeers(_handle, &field, 1, status);
        }
    }

    private int VerifyPurposeAndName(PeerName name, uint* status)
    {
        var value = name.Address ?? Encoding.ASCII.GetBytes(name.Text + "\0");
        fixed (byte* purpose = _isServer ? ClientAuthentication : ServerAuthentication, v = value)
        {
            var fields = stackalloc GnuTlsVerificationField[2];
            fields[0] = PurposeField(purpose);
            fields[1] = new GnuTlsVerificationField
            {
                Type = name.Address is null ? GnuTlsVerificationField.DnsHostName : GnuTlsVerificationField.IpAddress,
                Value = v,
                Length = (uint)(name.Address?.Length ?? name.Text.Length),
            };
            return GnuTlsNative.CertificateVerifyPeers(_handle, fields, 2, status);
        }
    }

    private GnuTlsVerificationField PurposeField(byte* purpose) => new()
    {
        Type = GnuTlsVerificationField.KeyPurposeOid,
        Value = purpose,
        Length = (uint)(_isServer ? ClientAuthentication : ServerAuthentication).Length,
    };
}
