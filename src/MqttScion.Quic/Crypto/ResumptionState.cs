using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace MqttScion.Quic;

/// <summary>What a client keeps to resume a session: the library's, with what it must be checked against.</summary>
/// <param name="Identity">Stands for the certificate that we had.</param>
/// <param name="PeerChain">The server's certificates (DER), the leaf first.</param>
/// <param name="Session">The session data of the library; holds secrets.</param>
internal sealed record ResumptionState(byte[] Identity, IReadOnlyList<byte[]> PeerChain, byte[] Session)
{
    private const int DigestLength = SHA256.HashSizeInBytes;
    private const int MaxLength = 64 * 1024;
    private const int MaxCertificates = 16;

    public byte[] Write()
    {
        const int lengths = (MaxCertificates + 3) * sizeof(ulong);
        var chain = PeerChain.Take(MaxCertificates).ToArray();
        var size = DigestLength + Identity.Length + chain.Sum(item => item.Length) + Session.Length + lengths;
        var writer = new ByteWriter(new byte[size]);
        writer.Advance(DigestLength);
        writer.WritePrefixed(Identity);
        writer.WriteVarInt((ulong)chain.Length);
        foreach (var certificate in chain)
            writer.WritePrefixed(certificate);
        writer.WritePrefixed(Session);
        var bytes = writer.Written.ToArray();
        SHA256.HashData(bytes.AsSpan(DigestLength), bytes);
        return bytes;
    }

    /// <summary>
    /// Reads what <see cref="Write"/> wrote. Damaged bytes are refused by their digest, as libraries trust theirs.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out ResumptionState? state)
    {
        state = null;
        if (bytes.Length is <= DigestLength or > MaxLength ||
            !SHA256.HashData(bytes[DigestLength..]).AsSpan().SequenceEqual(bytes[..DigestLength]))
            return false;
        var reader = new ByteReader(bytes[DigestLength..]);
        if (!reader.TryReadPrefixed(out var identity) || !reader.TryReadVarInt(out var count) ||
            count > MaxCertificates)
            return false;
        var chain = new List<byte[]>();
        for (var index = 0UL; index < count; index++)
        {
            if (!reader.TryReadPrefixed(out var certificate))
                return false;
            chain.Add(certificate.ToArray());
        }

        if (!reader.TryReadPrefixed(out var session) || !reader.IsAtEnd)
            return false;
        state = new ResumptionState(identity.ToArray(), chain, session.ToArray());
        return true;
    }
}
