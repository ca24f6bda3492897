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

    /// <summary>The CAs that were loaded, as PEM text; null for none.</summary>
    public string? TrustedPem { get; set; }

    /// <summary>The revocation lists that were loaded, as PEM text; null for none.</summary>
    public string? RevocationListsPem { get; set; }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        GnuTlsNative.CertificateFreeCredentials(handle);
        return true;
    }
}
