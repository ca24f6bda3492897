using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace MqttScion.Quic.Tests;

/// <summary>
/// Puts a ticket that somebody else was seen to use in front of our own in a ClientHello. Tickets are not secret: they
/// cross the network under Initial keys.
/// </summary>
internal static class TwoTicketHello
{
    private const int AgeBytes = 4;
    private const int BinderBytes = SHA256.HashSizeInBytes;

    /// <summary>Rewrites a ClientHello that offers our ticket alone.</summary>
    /// <param name="hello">The ClientHello.</param>
    /// <param name="session">Our session, of which the ticket is.</param>
    /// <param name="own">The NewSessionTicket message of our ticket.</param>
    /// <param name="foreign">The NewSessionTicket message of the other.</param>
    public static byte[] Write(byte[] hello, byte[] session, byte[] own, byte[] foreign)
    {
        NewSessionTicket.TryRead(own, out var ticket).Should().BeTrue();
        NewSessionTicket.TryRead(foreign, out var other).Should().BeTrue();
        // An age that no ticket can have makes the server pass over it.
        Span<byte> age = stackalloc byte[AgeBytes];
        BinaryPrimitives.WriteUInt32BigEndian(age, BinaryPrimitives.ReadUInt32BigEndian(foreign.AsSpan(8)) - 1);
        var identityBytes = sizeof(ushort) + ticket.Ticket.Length + AgeBytes;
        var identities = hello.Length - (sizeof(ushort) + 1 + BinderBytes) - identityBytes;
        List<byte> rewritten =
        [
            .. hello[..identities], .. Prefix(other.Ticket.Length), .. other.Ticket, .. age,
            .. hello[identities..(identities + identityBytes)],
        ];
        var added = sizeof(ushort) + other.Ticket.Length + AgeBytes;
        Grow(rewritten, identities - 2, added);
        Grow(rewritten, identities - 4, added + 1 + BinderBytes);
        Grow(rewritten, ExtensionsAt(hello), added + 1 + BinderBytes);
        Grow(rewritten, 2, added + 1 + BinderBytes);
        // RFC 8446 §4.2.11.2: binders are no part of what they bind, so the first can be a copy of the second.
        var binder = Binder(Psk(session, own, ticket.Ticket), rewritten.ToArray());
        return [.. rewritten, .. Prefix(2 * (1 + BinderBytes)), BinderBytes, .. binder, BinderBytes, .. binder];
    }

    private static byte[] Prefix(int length) => [(byte)(length >> 8), (byte)length];

    private static void Grow(List<byte> bytes, int offset, int growth)
    {
        var length = (bytes[offset] << 8) + bytes[offset + 1] + growth;
        (bytes[offset], bytes[offset + 1]) = ((byte)(length >> 8), (byte)length);
    }

    private static int ExtensionsAt(byte[] hello)
    {
        var offset = 4 + 2 + 32;
        offset += 1 + hello[offset];
        offset += 2 + (hello[offset] << 8) + hello[offset + 1];
        return offset + 1 + hello[offset];
    }

    // GnuTLS keeps the resumption master secret right behind the ticket.
    private static byte[] Psk(byte[] session, byte[] message, ReadOnlySpan<byte> ticket)
    {
        ResumptionState.TryRead(session, out var state).Should().BeTrue();
        var secretAt = state!.Session.AsSpan().IndexOf(ticket) + ticket.Length + 1;
        var nonce = message.AsSpan(13, message[12]);
        return Expand(state.Session.AsSpan(secretAt, BinderBytes), "resumption", nonce);
    }

    private static byte[] Binder(byte[] psk, byte[] truncatedHello)
    {
        var early = HKDF.Extract(HashAlgorithmName.SHA256, psk, new byte[BinderBytes]);
        var key = Expand(Expand(early, "res binder", SHA256.HashData([])), "finished", []);
        return HMACSHA256.HashData(key, SHA256.HashData(truncatedHello));
    }

    private static byte[] Expand(ReadOnlySpan<byte> secret, string label, ReadOnlySpan<byte> context)
    {
        var name = Encoding.ASCII.GetBytes("tls13 " + label);
        byte[] info = [0, BinderBytes, (byte)name.Length, .. name, (byte)context.Length, .. context];
        var output = new byte[BinderBytes];
        HKDF.Expand(HashAlgorithmName.SHA256, secret, output, info);
        return output;
    }
}
