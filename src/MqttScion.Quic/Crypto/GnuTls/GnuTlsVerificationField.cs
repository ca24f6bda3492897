using System.Runtime.InteropServices;

namespace MqttScion.Quic;

/// <summary>gnutls_typed_vdata_st: one thing that a certificate must match.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct GnuTlsVerificationField
{
    public const int DnsHostName = 1;
    public const int KeyPurposeOid = 2;
    public const int IpAddress = 4;

    /// <summary>One of the constants of this type.</summary>
    public int Type;

    /// <summary>NUL-terminated text, or for <see cref="IpAddress"/> the 4 or 16 bytes of the address.</summary>
    public byte* Value;

    /// <summary>The length of the value in bytes, without the NUL.</summary>
    public uint Length;
}
