using System.Runtime.InteropServices;

namespace MqttScion.Quic;

/// <summary>Owns a gnutls_certificate_credentials_t: CAs, CRLs, own chain and key.</summary>
internal sealed class GnuTlsCredentialsHandle : SafeHandle
{
    /// <summary>Used by the marshaller.</summary>
    public GnuTlsCredentialsHandle()
        : base(invalidHandleValue: 0, ownsHandle: true)
    {
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        GnuTlsNative.CertificateFreeCredentials(handle);
        return true;
    }
}
