using System.Runtime.InteropServices;

namespace MqttScion.Quic;

/// <summary>Owns a gnutls_cipher_hd_t.</summary>
internal sealed class GnuTlsCipherHandle : SafeHandle
{
    /// <summary>Used by the marshaller.</summary>
    public GnuTlsCipherHandle()
        : base(invalidHandleValue: 0, ownsHandle: true)
    {
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        GnuTlsNative.CipherDeinit(handle);
        return true;
    }
}
