using System.Runtime.InteropServices;

namespace MqttScion.Quic;

/// <summary>Owns a gnutls_aead_cipher_hd_t.</summary>
internal sealed class GnuTlsAeadHandle : SafeHandle
{
    /// <summary>Used by the marshaller.</summary>
    public GnuTlsAeadHandle()
        : base(invalidHandleValue: 0, ownsHandle: true)
    {
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        GnuTlsNative.AeadCipherDeinit(handle);
        return true;
    }
}
