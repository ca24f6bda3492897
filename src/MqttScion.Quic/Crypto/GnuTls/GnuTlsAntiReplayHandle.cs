using System.Runtime.InteropServices;

namespace MqttScion.Quic;

/// <summary>Owns a gnutls_anti_replay_t and the link to the memory that it asks.</summary>
internal sealed class GnuTlsAntiReplayHandle : SafeHandle
{
    private GCHandle<ReplayMemory> _memory;

    /// <summary>Used by the marshaller.</summary>
    public GnuTlsAntiReplayHandle()
        : base(invalidHandleValue: 0, ownsHandle: true)
    {
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>Makes the pointer by which the callback finds its memory.</summary>
    public nint LinkTo(ReplayMemory memory)
    {
        _memory = new GCHandle<ReplayMemory>(memory);
        return GCHandle<ReplayMemory>.ToIntPtr(_memory);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        GnuTlsNative.AntiReplayDeinit(handle);
        _memory.Dispose();
        return true;
    }
}
