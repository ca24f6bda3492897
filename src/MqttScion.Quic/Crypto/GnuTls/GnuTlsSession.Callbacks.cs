using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace MqttScion.Quic;

/// <content>What GnuTLS calls, always on the thread that called it.</content>
internal sealed unsafe partial class GnuTlsSession
{
    private const int TransportParametersExtension = 0x39;

    private static ReadOnlySpan<byte> ExtensionName => "QUIC transport parameters"u8;

    /// <summary>Makes sessions with these credentials check their peers' certificates.</summary>
    internal static void InstallVerification(GnuTlsCredentialsHandle credentials) =>
        GnuTlsNative.CertificateSetVerifyFunction(credentials, &OnVerify);

    private void InstallCallbacks()
    {
        GnuTlsNative.HandshakeSetSecretFunction(_handle, &OnSecret);
        GnuTlsNative.HandshakeSetReadFunction(_handle, &OnOutgoingMessage);
        GnuTlsNative.AlertSetReadFunction(_handle, &OnOutgoingAlert);
        fixed (byte* name = ExtensionName)
        {
            ThrowOnError(GnuTlsNative.SessionExtensionRegister(
                _handle,
                name,
                TransportParametersExtension,
                GnuTlsNative.ExtensionParsedWithTls,
                &OnPeerTransportParameters,
                &OnTransportParametersWanted,
                deinit: 0,
                pack: 0,
                unpack: 0,
                GnuTlsNative.ExtensionFlags));
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnVerify(nint session) => Guard(session, static (self, _) => self.VerifyPeer(), 0);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnSecret(nint session, int level, byte* read, byte* write, nuint length) => Guard(
        session,
        static (self, s) => self.AddSecrets(s.Level, Copy((byte*)s.Read, s.Length), Copy((byte*)s.Write, s.Length)),
        (Level: (EncryptionLevel)level, Read: (nint)read, Write: (nint)write, Length: length));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnOutgoingMessage(nint session, int level, int type, byte* bytes, nuint length) => Guard(
        session,
        static (self, m) => self.AddOutgoing(m.Level, m.Type, Copy((byte*)m.Bytes, m.Length)),
        (Level: (EncryptionLevel)level, Type: type, Bytes: (nint)bytes, Length: length));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnOutgoingAlert(nint session, int level, int alertLevel, int alert) => Guard(
        session,
        static (self, a) =>
        {
            self._alert ??= (byte)a;
            return 0;
        },
        alert);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnPeerTransportParameters(nint session, byte* bytes, nuint length) => Guard(
        session,
        static (self, p) =>
        {
            // Comes twice with HelloRetryRequest: the second ClientHello counts.
            self.PeerTransportParameters = Copy((byte*)p.Bytes, p.Length) ?? [];
            return 0;
        },
        (Bytes: (nint)bytes, Length: length));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnTransportParametersWanted(nint session, nint buffer) => Guard(
        session,
        static (self, b) => self.AppendTransportParameters(b),
        buffer);

    private static int Guard<T>(nint session, Func<GnuTlsSession, T, int> action, T argument)
    {
        var link = WeakGCHandle<GnuTlsSession>.FromIntPtr(GnuTlsNative.SessionGetPointer(session));
        if (!link.TryGetTarget(out var self))
        {
            return GnuTlsNative.ErrorUser;
        }

        try
        {
            return action(self, argument);
        }
        catch (Exception e)
        {
            // Whatever it is: an exception that leaves a native callback kills the process. It becomes the failure.
            self.Fail(TlsAlert.InternalError, $"internal error in a TLS callback: {e.GetType().Name}");
            return GnuTlsNative.ErrorUser;
        }
    }

    private static byte[]? Copy(byte* bytes, nuint length) =>
        bytes is null ? null : new ReadOnlySpan<byte>(bytes, checked((int)length)).ToArray();

    private int AddOutgoing(EncryptionLevel level, int type, byte[]? bytes)
    {
        if (type != GnuTlsNative.MessageChangeCipherSpec && bytes is { Length: > 0 })
        {
            if (type == (int)HandshakeMessageType.NewSessionTicket)
            {
                RememberHolder(bytes);
            }

            _outgoing.Enqueue((level, bytes));
        }

        return 0;
    }

    private int AddSecrets(EncryptionLevel level, byte[]? read, byte[]? write)
    {
        if (!TryNegotiatedSuite(level, out var suite))
        {
            Fail(TlsAlert.InternalError, "GnuTLS negotiated a cipher suite that was not offered");
            return GnuTlsNative.ErrorUser;
        }

        if (!HasPeerExtensions(level))
        {
            return GnuTlsNative.ErrorUser;
        }

        LogSecrets(level, read, write);
        AddSecrets(new QuicTrafficSecrets(level, suite, read, write));
        // There are no handshake messages at the level of early data.
        if (read is not null && level != EncryptionLevel.EarlyData)
        {
            _readLevel = level;
        }

        return 0;
    }

    // RFC 9001 §8.1 and §8.2: both extensions are required. The server knows them with the ClientHello, so before its
    // first secrets; the client with EncryptedExtensions, so before its 1-RTT secrets.
    private bool HasPeerExtensions(EncryptionLevel level)
    {
        if (level < (_isServer ? EncryptionLevel.Handshake : EncryptionLevel.Application))
        {
            return true;
        }

        if (PeerTransportParameters is null)
        {
            return Fail(TlsAlert.MissingExtension, "the peer sent no QUIC transport parameters");
        }

        ApplicationProtocol ??= SelectedProtocol();
        return ApplicationProtocol is not null
            || !_tuning.RequiresApplicationProtocol
            || Fail(TlsAlert.NoApplicationProtocol, NoApplicationProtocol);
    }

    private string? SelectedProtocol()
    {
        GnuTlsDatum protocol;
        return GnuTlsNative.AlpnGetSelectedProtocol(_handle, &protocol) >= 0
            ? Encoding.ASCII.GetString(protocol.Start, (int)protocol.Length)
            : null;
    }

    private bool TryNegotiatedSuite(EncryptionLevel level, out QuicCipherSuite suite)
    {
        var cipher = level == EncryptionLevel.EarlyData
            ? GnuTlsNative.EarlyCipherGet(_handle)
            : GnuTlsNative.CipherGet(_handle);
        QuicCipherSuite? known = cipher switch
        {
            GnuTlsNative.CipherAes128Gcm => QuicCipherSuite.Aes128GcmSha256,
            GnuTlsNative.CipherAes256Gcm => QuicCipherSuite.Aes256GcmSha384,
            GnuTlsNative.CipherChaCha20Poly1305 => QuicCipherSuite.ChaCha20Poly1305Sha256,
            _ => null,
        };
        suite = known.GetValueOrDefault();
        return known is not null;
    }

    private int AppendTransportParameters(nint buffer)
    {
        if (!_tuning.SendsTransportParameters || _transportParameters is null)
        {
            return 0;
        }

        if (_transportParameters.Length == 0)
        {
            // An empty extension, where 0 would mean none.
            return GnuTlsNative.ErrorIntReturnEmpty;
        }

        fixed (byte* p = _transportParameters)
        {
            var result = GnuTlsNative.BufferAppend(buffer, p, (nuint)_transportParameters.Length);
            return result < 0 ? result : _transportParameters.Length;
        }
    }
}
