using System.Runtime.InteropServices;

namespace MqttScion.Quic;

/// <summary>
/// The functions and constants of GnuTLS (3.7.2 or later) that we use, named as there without the prefix. Call
/// <see cref="GnuTlsLibrary.EnsureAvailable"/> before any of them.
/// </summary>
internal static unsafe partial class GnuTlsNative
{
    /// <summary>The name that <see cref="GnuTlsLibrary"/> resolves.</summary>
    public const string Library = "gnutls";

    public const int CipherAes128Cbc = 4;
    public const int CipherAes256Cbc = 5;
    public const int CipherAes128Gcm = 10;
    public const int CipherAes256Gcm = 11;
    public const int CipherChaCha20Poly1305 = 23;
    public const int CipherChaCha20With32BitCounter = 36;

    public const int FlagServer = 1 << 0;
    public const int FlagClient = 1 << 1;
    public const int FlagNonBlocking = 1 << 3;
    public const int FlagNoSignal = 1 << 6;
    public const int FlagForceClientCertificate = 1 << 9;
    public const int FlagNoTickets = 1 << 10;
    public const int FlagKeyShareTop = 1 << 11;
    public const int FlagEnableEarlyData = 1 << 20;
    public const int FlagNoAutoSendTicket = 1 << 21;
    public const int FlagNoEndOfEarlyData = 1 << 22;

    /// <summary>In the session's flags: a ticket came.</summary>
    public const uint SessionFlagTicket = 1 << 7;

    /// <summary>In the session's flags: early data was accepted, on both sides.</summary>
    public const uint SessionFlagEarlyData = 1 << 10;

    public const int CredentialsCertificate = 1;
    public const int FormatDer = 0;
    public const int FormatPem = 1;
    public const int AlpnMandatory = 1;
    public const int ServerNameDns = 1;
    public const int CertificateIgnore = 0;
    public const int CertificateRequest = 1;
    public const int CertificateRequire = 2;
    public const int ExtensionParsedWithTls = 2;

    /// <summary>In the ClientHello and EncryptedExtensions of TLS.</summary>
    public const int ExtensionFlags = (1 << 1) | (1 << 4) | (1 << 7);

    /// <summary>A pseudo message without bytes for QUIC.</summary>
    public const int MessageChangeCipherSpec = 254;

    public const int ErrorAgain = -28;
    public const int ErrorCertificate = -43;
    public const int ErrorInterrupted = -52;
    public const int ErrorKeyMismatch = -60;
    public const int ErrorCertificateRequired = -112;
    public const int ErrorUser = -320;
    public const int ErrorNoApplicationProtocol = -344;
    public const int ErrorDatabaseEntryExists = -428;
    public const int ErrorIntReturnEmpty = -1251;

    [LibraryImport(Library, EntryPoint = "gnutls_strerror")]
    public static partial byte* StrError(int error);

    [LibraryImport(Library, EntryPoint = "gnutls_aead_cipher_init")]
    public static partial int AeadCipherInit(out GnuTlsAeadHandle cipher, int algorithm, GnuTlsDatum* key);

    [LibraryImport(Library, EntryPoint = "gnutls_aead_cipher_deinit")]
    public static partial void AeadCipherDeinit(nint cipher);

    [LibraryImport(Library, EntryPoint = "gnutls_aead_cipher_encrypt")]
    public static partial int AeadCipherEncrypt(
        GnuTlsAeadHandle cipher,
        byte* nonce,
        nuint nonceLength,
        byte* associated,
        nuint associatedLength,
        nuint tagLength,
        byte* plain,
        nuint plainLength,
        byte* sealedText,
        nuint* sealedLength);

    [LibraryImport(Library, EntryPoint = "gnutls_aead_cipher_decrypt")]
    public static partial int AeadCipherDecrypt(
        GnuTlsAeadHandle cipher,
        byte* nonce,
        nuint nonceLength,
        byte* associated,
        nuint associatedLength,
        nuint tagLength,
        byte* sealedText,
        nuint sealedLength,
        byte* plain,
        nuint* plainLength);

    [LibraryImport(Library, EntryPoint = "gnutls_cipher_init")]
    public static partial int CipherInit(
        out GnuTlsCipherHandle cipher,
        int algorithm,
        GnuTlsDatum* key,
        GnuTlsDatum* iv);

    [LibraryImport(Library, EntryPoint = "gnutls_cipher_deinit")]
    public static partial void CipherDeinit(nint cipher);

    [LibraryImport(Library, EntryPoint = "gnutls_cipher_set_iv")]
    public static partial void CipherSetIv(GnuTlsCipherHandle cipher, byte* iv, nuint ivLength);

    [LibraryImport(Library, EntryPoint = "gnutls_cipher_encrypt2")]
    public static partial int CipherEncrypt(
        GnuTlsCipherHandle cipher,
        byte* plain,
        nuint plainLength,
        byte* output,
        nuint outputLength);

    [LibraryImport(Library, EntryPoint = "gnutls_error_to_alert")]
    public static partial int ErrorToAlert(int error, int* level);

    [LibraryImport(Library, EntryPoint = "gnutls_priority_init2")]
    public static partial int PriorityInit(
        out GnuTlsPriorityHandle priority,
        byte* text,
        byte** errorPosition,
        uint flags);

    [LibraryImport(Library, EntryPoint = "gnutls_priority_deinit")]
    public static partial void PriorityDeinit(nint priority);

    [LibraryImport(Library, EntryPoint = "gnutls_certificate_allocate_credentials")]
    public static partial int CertificateAllocateCredentials(out GnuTlsCredentialsHandle credentials);

    [LibraryImport(Library, EntryPoint = "gnutls_certificate_free_credentials")]
    public static partial void CertificateFreeCredentials(nint credentials);

    [LibraryImport(Library, EntryPoint = "gnutls_certificate_set_x509_trust_mem")]
    public static partial int CertificateSetTrust(GnuTlsCredentialsHandle credentials, GnuTlsDatum* cas, int format);

    [LibraryImport(Library, EntryPoint = "gnutls_certificate_set_x509_crl_mem")]
    public static partial int CertificateSetCrl(GnuTlsCredentialsHandle credentials, GnuTlsDatum* crls, int format);

    [LibraryImport(Library, EntryPoint = "gnutls_certificate_set_x509_key_mem2")]
    public static partial int CertificateSetKey(
        GnuTlsCredentialsHandle credentials,
        GnuTlsDatum* chain,
        GnuTlsDatum* key,
        int format,
        byte* password,
        uint flags);

    [LibraryImport(Library, EntryPoint = "gnutls_certificate_set_verify_function")]
    public static partial void CertificateSetVerifyFunction(
        GnuTlsCredentialsHandle credentials,
        delegate* unmanaged[Cdecl]<nint, int> verify);

    [LibraryImport(Library, EntryPoint = "gnutls_certificate_server_set_request")]
    public static partial void CertificateServerSetRequest(GnuTlsSessionHandle session, int request);

    [LibraryImport(Library, EntryPoint = "gnutls_certificate_get_peers")]
    public static partial GnuTlsDatum* CertificateGetPeers(GnuTlsSessionHandle session, uint* count);

    [LibraryImport(Library, EntryPoint = "gnutls_certificate_verify_peers")]
    public static partial int CertificateVerifyPeers(
        GnuTlsSessionHandle session,
        GnuTlsVerificationField* fields,
        uint count,
        uint* status);

    /// <summary>The list stays that of the credentials.</summary>
    [LibraryImport(Library, EntryPoint = "gnutls_certificate_get_trust_list")]
    public static partial void CertificateGetTrustList(GnuTlsCredentialsHandle credentials, nint* list);

    [LibraryImport(Library, EntryPoint = "gnutls_x509_trust_list_verify_crt2")]
    public static partial int TrustListVerify(
        nint list,
        nint* certificates,
        uint count,
        GnuTlsVerificationField* fields,
        uint fieldCount,
        uint flags,
        uint* status,
        nint output);

    [LibraryImport(Library, EntryPoint = "gnutls_x509_crt_init")]
    public static partial int CertificateInit(nint* certificate);

    [LibraryImport(Library, EntryPoint = "gnutls_x509_crt_deinit")]
    public static partial void CertificateDeinit(nint certificate);

    [LibraryImport(Library, EntryPoint = "gnutls_x509_crt_import")]
    public static partial int CertificateImport(nint certificate, GnuTlsDatum* bytes, int format);

    [LibraryImport(Library, EntryPoint = "gnutls_init")]
    public static partial int Init(out GnuTlsSessionHandle session, uint flags);

    [LibraryImport(Library, EntryPoint = "gnutls_deinit")]
    public static partial void Deinit(nint session);

    [LibraryImport(Library, EntryPoint = "gnutls_session_set_ptr")]
    public static partial void SessionSetPointer(GnuTlsSessionHandle session, nint pointer);

    [LibraryImport(Library, EntryPoint = "gnutls_session_get_ptr")]
    public static partial nint SessionGetPointer(nint session);

    [LibraryImport(Library, EntryPoint = "gnutls_priority_set")]
    public static partial int PrioritySet(GnuTlsSessionHandle session, GnuTlsPriorityHandle priority);

    [LibraryImport(Library, EntryPoint = "gnutls_credentials_set")]
    public static partial int CredentialsSet(
        GnuTlsSessionHandle session,
        int type,
        GnuTlsCredentialsHandle credentials);

    [LibraryImport(Library, EntryPoint = "gnutls_server_name_set")]
    public static partial int ServerNameSet(GnuTlsSessionHandle session, int type, byte* name, nuint length);

    [LibraryImport(Library, EntryPoint = "gnutls_alpn_set_protocols")]
    public static partial int AlpnSetProtocols(
        GnuTlsSessionHandle session,
        GnuTlsDatum* protocols,
        uint count,
        uint flags);

    [LibraryImport(Library, EntryPoint = "gnutls_alpn_get_selected_protocol")]
    public static partial int AlpnGetSelectedProtocol(GnuTlsSessionHandle session, GnuTlsDatum* protocol);

    /// <summary>A null function leaves secrets unlogged, whatever SSLKEYLOGFILE says.</summary>
    [LibraryImport(Library, EntryPoint = "gnutls_session_set_keylog_function")]
    public static partial void SessionSetKeyLogFunction(GnuTlsSessionHandle session, nint function);

    /// <summary>Both data point into the session.</summary>
    [LibraryImport(Library, EntryPoint = "gnutls_session_get_random")]
    public static partial void SessionGetRandom(GnuTlsSessionHandle session, GnuTlsDatum* client, GnuTlsDatum* server);

    [LibraryImport(Library, EntryPoint = "gnutls_session_ext_register")]
    public static partial int SessionExtensionRegister(
        GnuTlsSessionHandle session,
        byte* name,
        int id,
        int parsePoint,
        delegate* unmanaged[Cdecl]<nint, byte*, nuint, int> receive,
        delegate* unmanaged[Cdecl]<nint, nint, int> send,
        nint deinit,
        nint pack,
        nint unpack,
        uint flags);

    [LibraryImport(Library, EntryPoint = "gnutls_buffer_append_data")]
    public static partial int BufferAppend(nint buffer, byte* bytes, nuint length);

    [LibraryImport(Library, EntryPoint = "gnutls_handshake_set_secret_function")]
    public static partial void HandshakeSetSecretFunction(
        GnuTlsSessionHandle session,
        delegate* unmanaged[Cdecl]<nint, int, byte*, byte*, nuint, int> secret);

    /// <summary>Despite its name, the function gets what we are to send.</summary>
    [LibraryImport(Library, EntryPoint = "gnutls_handshake_set_read_function")]
    public static partial void HandshakeSetReadFunction(
        GnuTlsSessionHandle session,
        delegate* unmanaged[Cdecl]<nint, int, int, byte*, nuint, int> outgoing);

    /// <summary>Despite its name, the function gets the alerts that we are to send.</summary>
    [LibraryImport(Library, EntryPoint = "gnutls_alert_set_read_function")]
    public static partial void AlertSetReadFunction(
        GnuTlsSessionHandle session,
        delegate* unmanaged[Cdecl]<nint, int, int, int, int> outgoing);

    /// <summary>Despite its name, it takes what the peer sent.</summary>
    [LibraryImport(Library, EntryPoint = "gnutls_handshake_write")]
    public static partial int HandshakeWrite(GnuTlsSessionHandle session, int level, byte* bytes, nuint length);

    [LibraryImport(Library, EntryPoint = "gnutls_handshake")]
    public static partial int Handshake(GnuTlsSessionHandle session);

    [LibraryImport(Library, EntryPoint = "gnutls_early_cipher_get")]
    public static partial int EarlyCipherGet(GnuTlsSessionHandle session);

    [LibraryImport(Library, EntryPoint = "gnutls_session_get_flags")]
    public static partial uint SessionGetFlags(GnuTlsSessionHandle session);

    [LibraryImport(Library, EntryPoint = "gnutls_session_is_resumed")]
    public static partial int SessionIsResumed(GnuTlsSessionHandle session);

    /// <summary>The caller frees the data, which is malloc's.</summary>
    [LibraryImport(Library, EntryPoint = "gnutls_session_get_data2")]
    public static partial int SessionGetData(GnuTlsSessionHandle session, GnuTlsDatum* data);

    [LibraryImport(Library, EntryPoint = "gnutls_session_set_data")]
    public static partial int SessionSetData(GnuTlsSessionHandle session, byte* data, nuint length);

    /// <summary>Copies the key.</summary>
    [LibraryImport(Library, EntryPoint = "gnutls_session_ticket_enable_server")]
    public static partial int SessionTicketEnableServer(GnuTlsSessionHandle session, GnuTlsDatum* key);

    [LibraryImport(Library, EntryPoint = "gnutls_session_ticket_send")]
    public static partial int SessionTicketSend(GnuTlsSessionHandle session, uint count, uint flags);

    /// <summary>The lifetime of tickets, and with it of the keys that are derived from the ticket key.</summary>
    [LibraryImport(Library, EntryPoint = "gnutls_db_set_cache_expiration")]
    public static partial void DatabaseSetExpiration(GnuTlsSessionHandle session, int seconds);

    [LibraryImport(Library, EntryPoint = "gnutls_record_set_max_early_data_size")]
    public static partial int RecordSetMaxEarlyDataSize(GnuTlsSessionHandle session, nuint size);

    [LibraryImport(Library, EntryPoint = "gnutls_anti_replay_init")]
    public static partial int AntiReplayInit(out GnuTlsAntiReplayHandle antiReplay);

    [LibraryImport(Library, EntryPoint = "gnutls_anti_replay_deinit")]
    public static partial void AntiReplayDeinit(nint antiReplay);

    [LibraryImport(Library, EntryPoint = "gnutls_anti_replay_set_window")]
    public static partial void AntiReplaySetWindow(GnuTlsAntiReplayHandle antiReplay, uint milliseconds);

    [LibraryImport(Library, EntryPoint = "gnutls_anti_replay_set_ptr")]
    public static partial void AntiReplaySetPointer(GnuTlsAntiReplayHandle antiReplay, nint pointer);

    [LibraryImport(Library, EntryPoint = "gnutls_anti_replay_set_add_function")]
    public static partial void AntiReplaySetAddFunction(
        GnuTlsAntiReplayHandle antiReplay,
        delegate* unmanaged[Cdecl]<nint, nint, GnuTlsDatum*, GnuTlsDatum*, int> add);

    [LibraryImport(Library, EntryPoint = "gnutls_anti_replay_enable")]
    public static partial void AntiReplayEnable(GnuTlsSessionHandle session, GnuTlsAntiReplayHandle antiReplay);

    [LibraryImport(Library, EntryPoint = "gnutls_cipher_get")]
    public static partial int CipherGet(GnuTlsSessionHandle session);
}
