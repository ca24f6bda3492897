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
}
