namespace MqttScion.Quic;

/// <content>The check of the peer's certificate, in a full handshake and when a session is resumed.</content>
internal sealed unsafe partial class GnuTlsSession
{
    private string PeerRole => _isServer ? "client" : "server";

    private int VerifyPeer()
    {
        var chain = PeerChain();
        if (chain.Length == 0)
        {
            if (!_needsPeerCertificate)
            {
                return 0;
            }

            Fail(TlsAlert.CertificateRequired, $"no certificate presented by the {PeerRole}");
            return GnuTlsNative.ErrorCertificate;
        }

        PeerCertificate = chain[0];
        if (_peerCheck.Judge(chain) is not { } verdict)
        {
            return 0;
        }

        Fail(verdict.Alert, verdict.Reason);
        return GnuTlsNative.ErrorCertificate;
    }

    private byte[][] PeerChain()
    {
        uint count;
        var chain = GnuTlsNative.CertificateGetPeers(_handle, &count);
        if (chain is null)
        {
            return [];
        }

        var certificates = new byte[count][];
        for (var index = 0; index < count; index++)
        {
            certificates[index] = chain[index].ToArray();
        }

        return certificates;
    }
}
