using System.Runtime.InteropServices;

namespace MqttScion.Quic;

/// <summary>
/// Owns a gnutls_session_t and what it points to: its credentials and its link back to the managed session.
/// </summary>
internal sealed class GnuTlsSessionHandle : SafeHandle
{
    private GnuTlsCredentialsHandle? _credentials;
    private GnuTlsAntiReplayHandle? _antiReplay;
    private WeakGCHandle<GnuTlsSession> _owner;

    /// <summary>Used by the marshaller.</summary>
    public GnuTlsSessionHandle()
        : base(invalidHandleValue: 0, ownsHandle: true)
    {
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>
    /// Keeps the credentials alive as long as the native session, which points to them without a count.
    /// </summary>
    public void Keep(GnuTlsCredentialsHandle credentials)
    {
        var added = false;
        credentials.DangerousAddRef(ref added);
        _credentials = credentials;
    }

    /// <summary>Keeps the guard against replays alive as long as the native session.</summary>
    public void Keep(GnuTlsAntiReplayHandle antiReplay)
    {
        var added = false;
        antiReplay.DangerousAddRef(ref added);
        _antiReplay = antiReplay;
    }

    /// <summary>
    /// Makes the pointer by which callbacks find their session. The link is weak, so that a session nobody disposed can
    /// be collected; whoever calls into the library keeps the session alive meanwhile.
    /// </summary>
    public nint LinkTo(GnuTlsSession owner)
    {
        _owner = new WeakGCHandle<GnuTlsSession>(owner);
        return WeakGCHandle<GnuTlsSession>.ToIntPtr(_owner);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        GnuTlsNative.Deinit(handle);
        _owner.Dispose();
        _credentials?.DangerousRelease();
        _antiReplay?.DangerousRelease();
        return true;
    }
}
