using System.Runtime.InteropServices;

namespace MqttScion.Quic;

/// <summary>Owns a gnutls_priority_t: the suites and groups to use.</summary>
internal sealed class GnuTlsPriorityHandle : SafeHandle
{
    /// <summary>Used by the marshaller.</summary>
    public GnuTlsPriorityHandle()
        : base(invalidHandleValue: 0, ownsHandle: true)
    {
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        GnuTlsNative.PriorityDeinit(handle);
        return true;
    }
}
