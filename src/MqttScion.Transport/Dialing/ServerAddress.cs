using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using MqttScion.Scion;

namespace MqttScion;

/// <summary>
/// Where a server listens for QUIC: on SCION (<c>[1-ff00:0:110,10.0.0.2]:8883</c>, also with <c>scion://</c> in front),
/// or on plain IP, with a scheme that says what is spoken there (<c>quic://host.example:4433</c>).
/// </summary>
/// <remarks>Immutable; two that mean the same are equal: host names and schemes are compared without case.</remarks>
public sealed record ServerAddress
{
    private const string ScionScheme = "scion";
    private const string SchemeEnd = "://";
    private const int MaxTextLength = 512;
    private const int MaxNameLength = 253; // RFC 1035 §2.3.4, without the dot at the end.
    private const int MaxLabelLength = 63;

    private const string NoHost = "a wildcard is no host: answers would come from another address";

    private ServerAddress(ScionEndPoint? scion, string? scheme, string host, int port) =>
        (Scion, Scheme, Host, Port) = (scion, scheme, host, port);

    /// <summary>The SCION address; null on plain IP.</summary>
    public ScionEndPoint? Scion { get; }

    /// <summary>What is spoken there, such as <c>quic</c>; null on SCION, where no address says it.</summary>
    public string? Scheme { get; }

    /// <summary>
    /// The host: on plain IP a DNS name in lower case, or an IP address without brackets; on SCION the host's text.
    /// </summary>
    public string Host { get; }

    /// <summary>The port, 1 to 65535.</summary>
    public int Port { get; }

    /// <summary>An address on SCION.</summary>
    public static implicit operator ServerAddress(ScionEndPoint endPoint) => FromScionEndPoint(endPoint);

    /// <summary>An address on SCION.</summary>
    /// <remarks>A host that is an IPv4-mapped IPv6 address is taken as the IPv4 address: packets go there.</remarks>
    public static ServerAddress FromScionEndPoint(ScionEndPoint endPoint)
    {
        var reached = endPoint.Host.IsIPv4Mapped ? endPoint with { Host = endPoint.Host.ToWireForm() } : endPoint;
        return new ServerAddress(reached, scheme: null, reached.Host.ToString(), reached.Port);
    }

    /// <summary>Parses text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="scheme">What is spoken on plain IP; null for <see cref="AddressScheme.Quic"/>.</param>
    /// <exception cref="FormatException">It is none of the forms; the text says what was expected and what came.
    /// </exception>
    public static ServerAddress Parse(string text, AddressScheme? scheme = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryParse(text, scheme, out var result, out var problem) ? result : throw new FormatException(problem);
    }

    /// <summary>Parses text without an exception, with <see cref="AddressScheme.Quic"/> on plain IP.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out ServerAddress? result) =>
        TryParse(text, scheme: null, out result, out _);

    /// <summary>Parses text without an exception and says what is wrong with it.</summary>
    /// <param name="text">The text.</param>
    /// <param name="scheme">What is spoken on plain IP; null for <see cref="AddressScheme.Quic"/>.</param>
    /// <param name="result">The address; null when there is a problem.</param>
    /// <param name="problem">What was expected and what came; null on success.</param>
    public static bool TryParse(
        [NotNullWhen(true)] string? text,
        AddressScheme? scheme,
        [NotNullWhen(true)] out ServerAddress? result,
        [NotNullWhen(false)] out string? problem)
    {
        scheme ??= AddressScheme.Quic;
        var fault = Read(text ?? "", scheme, out result);
        problem = fault is null
            ? null
            : $"'{Shorten(Hide(text ?? ""))}' is no address of a server: {fault}; {scheme.Expected}.";
        result = fault is null ? result : null;
        return result is not null;
    }

    /// <summary>The text that <see cref="Parse"/> reads: on SCION the bare address.</summary>
    public override string ToString() => Scion?.ToString() ?? string.Create(
        CultureInfo.InvariantCulture,
        $"{Scheme}{SchemeEnd}{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}");

    /// <summary>What the loop knows as an endpoint in no AS.</summary>
    internal static ServerAddress OfIP(ScionEndPoint endPoint, string scheme) =>
        new(null, scheme, endPoint.Host.ToString(), endPoint.Port);

    private static string? Read(string text, AddressScheme expected, out ServerAddress? result)
    {
        result = null;
        if (text.Length > MaxTextLength)
        {
            return $"it has {text.Length} characters, more than {MaxTextLength}";
        }
        var end = text.IndexOf(SchemeEnd, StringComparison.Ordinal);
        if (end < 0)
        {
            return ReadScion(text, expected, out result);
        }
        var scheme = text[..end].ToLowerInvariant();
        var rest = text[(end + SchemeEnd.Length)..];
        return scheme == ScionScheme ? ReadScion(rest, expected, out result)
            : scheme == expected.Name ? ReadQuic(rest, expected, out result)
            : expected.FaultOf(scheme);
    }

    private static string? ReadScion(string text, AddressScheme scheme, out ServerAddress? result)
    {
        result = null;
        if (!ScionEndPoint.TryParse(text, out var scion, out var error))
        {
            return FindPart(text) ?? error.Split("; expected", 2)[0];
        }
        if (scion.Host.TryGetService(out var service))
        {
            return $"'{service}' is a service, not a host: {scheme.Protocol} is spoken with a host, so expected its IP "
                + "address";
        }
        if (scion.Port == 0)
        {
            return "it has no port from 1 to 65535";
        }
        result = scion;
        return null;
    }

    private static string? ReadQuic(string text, AddressScheme scheme, out ServerAddress? result)
    {
        result = null;
        if (FindPart(text) is { } part)
        {
            return part;
        }
        if (text.Contains(',', StringComparison.Ordinal))
        {
            return $"a SCION address is no host of '{scheme.Name}'";
        }
        var isBracketed = text.StartsWith('[');
        var hostEnd = text.IndexOf(isBracketed ? ']' : ':', StringComparison.Ordinal);
        if (isBracketed && hostEnd < 0)
        {
            return "a '[' without a ']'";
        }
        var host = isBracketed ? text[1..hostEnd] : hostEnd < 0 ? text : text[..hostEnd];
        var after = isBracketed ? text[(hostEnd + 1)..] : hostEnd < 0 ? "" : text[hostEnd..];
        if (after.Length > 0 && after[0] != ':')
        {
            return $"'{after}' after the host is no port";
        }
        if (!isBracketed && after.LastIndexOf(':') > 0)
        {
            return "an IPv6 address must be in brackets";
        }
        var fault = isBracketed ? ReadIPv6(ref host) : ReadHost(ref host);
        var port = scheme.DefaultPort;
        if (after.Length == 0 && port == 0)
        {
            fault ??= "it has no port from 1 to 65535";
        }
        if (fault is null && after.Length > 0 && !TryReadPort(after[1..], out port))
        {
            fault = $"'{after[1..]}' is no port from 1 to 65535";
        }
        result = fault is null ? new ServerAddress(null, scheme.Name, host, port) : null;
        return fault;
    }

    /// <summary>What a URL may have but a server's address may not.</summary>
    private static string? FindPart(string text)
    {
        var index = text.AsSpan().IndexOfAny("@/?#\\");
        return index < 0 ? null : text[index] switch
        {
            '@' => "it has user information before '@', which goes into UserName and Password",
            '/' or '\\' => "it has a path",
            '?' => "it has a query",
            _ => "it has a fragment",
        };
    }

    private static string? ReadIPv6(ref string host)
    {
        if (!IPAddress.TryParse(host, out var address) || address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return $"'{host}' is no IPv6 address";
        }
        if (address.IsIPv4MappedToIPv6)
        {
            return $"'{host}' stands for an IPv4 address, to be written as such";
        }
        // The parser drops a zone that it doesn't know. In a URL, '%' is written %25 (RFC 6874).
        var zone = host.IndexOf('%', StringComparison.Ordinal);
        if (zone >= 0 && address.ScopeId == 0
            && !(host.AsSpan(zone).StartsWith("%25") && IPAddress.TryParse(host.Remove(zone + 1, 2), out address)
                && address.ScopeId != 0))
        {
            return $"'{host[(zone + 1)..]}' is no network interface of this machine";
        }
        if (address.Equals(IPAddress.IPv6Any))
        {
            return NoHost;
        }
        host = address.ToString();
        return null;
    }

    private static string? ReadHost(ref string host)
    {
        if (host.Length == 0)
        {
            return "there is no host";
        }
        if (!Ascii.IsValid(host))
        {
            return $"the host name '{host}' is not ASCII; internationalised names have a form in ASCII, xn--…";
        }
        host = host.ToLowerInvariant();
        var labels = (host.EndsWith('.') ? host[..^1] : host).Split('.');
        // A name can't end in a number (RFC 3696 §2): such a host is an IPv4 address, written in full.
        if (IsNumber(labels[^1]))
        {
            return labels.Length != 4 || !IPAddress.TryParse(host, out var address) || address.ToString() != host
                ? $"'{host}' is no IPv4 address"
                : address.Equals(IPAddress.Any) ? NoHost : null;
        }
        return host.Length <= MaxNameLength && labels.All(IsLabel) ? null : $"'{host}' is no host name";
    }

    // What readers of IPv4 addresses take for a part of one: also 0x7f, but not the digits and letters of a container.
    private static bool IsNumber(string label) => label.StartsWith("0x", StringComparison.Ordinal)
        ? label[2..].All(char.IsAsciiHexDigit)
        : label.Length > 0 && label.All(char.IsAsciiDigit);

    // RFC 1123 §2.1, and the underscore that names in private networks have.
    private static bool IsLabel(string label) =>
        label.Length is > 0 and <= MaxLabelLength
        && label[0] != '-'
        && label[^1] != '-'
        && label.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    private static bool TryReadPort(string text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and <= 65535;

    // Before '@' may be a password, which no log is to show.
    private static string Hide(string text)
    {
        var at = text.LastIndexOf('@');
        var scheme = text.IndexOf(SchemeEnd, StringComparison.Ordinal);
        var start = scheme < 0 || scheme > at ? 0 : scheme + SchemeEnd.Length;
        return at < 0 ? text : $"{text[..start]}…{text[at..]}";
    }

    private static string Shorten(string text) => text.Length <= MaxTextLength ? text : text[..MaxTextLength] + "…";
}
