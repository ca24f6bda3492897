using System.Net;
using System.Net.Sockets;

namespace MqttScion.Quic;

/// <summary>The name that a server's certificate must carry: a DNS name or an IP address.</summary>
/// <param name="Text">The name as text, without brackets around an IPv6 address or a dot at the end.</param>
/// <param name="Address">The 4 or 16 bytes of the address, or null for a DNS name.</param>
internal sealed record PeerName(string Text, byte[]? Address)
{
    private const int MaxDnsNameLength = 253;

    /// <summary>Reads a name as users write it.</summary>
    /// <exception cref="ArgumentException">The text is neither.</exception>
    public static PeerName Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var bare = text.StartsWith('[') && text.EndsWith(']') ? text[1..^1] : text;
        if (IPAddress.TryParse(bare, out var address) && IsFullyWritten(bare, address))
        {
            return new PeerName(address.ToString(), address.GetAddressBytes());
        }

        var name = text.TrimEnd('.');
        if (name.Length is < 1 or > MaxDnsNameLength || !name.All(IsHostNameCharacter))
        {
            throw new ArgumentException(
                "the server name must be an IP address or an ASCII DNS name (write others as xn--…)",
                nameof(text));
        }

        return new PeerName(name, Address: null);
    }

    // The parser also takes short forms such as "1" or "127.1", which are host names here.
    private static bool IsFullyWritten(string text, IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetworkV6 || address.ToString() == text;

    private static bool IsHostNameCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_';
}
