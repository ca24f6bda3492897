using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using MqttScion.Udp;

namespace MqttScion.Scion;

/// <summary>A SCION host and port: <c>[1-ff00:0:110,10.0.0.2]:8883</c>.</summary>
/// <remarks>
/// Prints the canonical form and also reads the older forms <c>1-ff00:0:110,10.0.0.2:8883</c>,
/// <c>1-ff00:0:110,[2001:db8::1]:8883</c> and, with port 0, <c>1-ff00:0:110,10.0.0.2</c> and <c>1-ff00:0:110,CS</c>.
/// </remarks>
/// <param name="IsdAs">The ISD-AS of the host.</param>
/// <param name="Host">The host inside its AS.</param>
/// <param name="Port">The port; 0 means that none was given.</param>
public readonly record struct ScionEndPoint(IsdAs IsdAs, ScionHost Host, ushort Port) : ISpanParsable<ScionEndPoint>
{
    private const string Expected = "expected a form like [1-ff00:0:110,10.0.0.2]:8883";

    /// <inheritdoc/>
    public static ScionEndPoint Parse(string s, IFormatProvider? provider = null) => Parse(s.AsSpan(), provider);

    /// <inheritdoc/>
    public static ScionEndPoint Parse(ReadOnlySpan<char> s, IFormatProvider? provider = null) =>
        TryParse(s, out var result, out var error) ? result : throw new FormatException(error);

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out ScionEndPoint result) =>
        TryParse(s.AsSpan(), out result, out _);

    /// <inheritdoc/>
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out ScionEndPoint result) =>
        TryParse(s, out result, out _);

    /// <summary>Parses text without an exception.</summary>
    public static bool TryParse(ReadOnlySpan<char> s, out ScionEndPoint result) => TryParse(s, out result, out _);

    /// <summary>Parses text without an exception and says what is wrong with it.</summary>
    /// <param name="s">The text.</param>
    /// <param name="result">The endpoint.</param>
    /// <param name="error">What was expected and what came; null on success.</param>
    public static bool TryParse(
        ReadOnlySpan<char> s, out ScionEndPoint result, [NotNullWhen(false)] out string? error)
    {
        error = s.StartsWith('[') ? ReadBracketed(s, out result) : ReadLegacy(s, out result);
        if (error is not null)
        {
            error = $"'{s}' is not a SCION endpoint: {error}; {Expected}.";
            result = default;
        }
        return error is null;
    }

    /// <summary>The host and port as an IP endpoint; false when the host is not an IP address.</summary>
    public bool TryGetIPEndPoint([NotNullWhen(true)] out IPEndPoint? endPoint)
    {
        endPoint = Host.TryGetIPAddress(out var address) ? new IPEndPoint(address, Port) : null;
        return endPoint is not null;
    }

    /// <summary>
    /// The host and port as an underlay address, which is the next hop within one AS; false when the host is not an IP
    /// address. Allocates nothing; a zone is left out.
    /// </summary>
    public bool TryGetUdpAddress(out UdpAddress address)
    {
        Span<byte> bytes = stackalloc byte[ScionHost.MaxLength];
        var isIP = Host.Kind is ScionHostKind.IPv4 or ScionHostKind.IPv6;
        address = isIP ? UdpAddress.FromBytes(bytes[..Host.CopyTo(bytes)], Port) : default;
        return isIP;
    }

    /// <summary>The canonical form, <c>[ISD-AS,host]:port</c>; an IPv6 host has no brackets of its own.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"[{IsdAs},{Host}]:{Port}");

    private static string? ReadBracketed(ReadOnlySpan<char> s, out ScionEndPoint result)
    {
        result = default;
        var colon = s.LastIndexOf(':');
        if (colon < 1 || s[colon - 1] != ']')
            return "no ']:' before the port";
        var address = s[1..(colon - 1)];
        if (ReadIsdAs(address, out var isdAs, out var hostText) is { } addressError)
            return addressError;
        if (!ScionHost.TryParse(hostText, out var host))
            return $"'{hostText}' is neither an IP address nor a service";
        return ReadPort(s[(colon + 1)..], isdAs, host, out result);
    }

    private static string? ReadLegacy(ReadOnlySpan<char> s, out ScionEndPoint result)
    {
        result = default;
        if (ReadIsdAs(s, out var isdAs, out var rest) is { } addressError)
            return addressError;
        var hostText = rest;
        ReadOnlySpan<char> portText = default;
        var hasPort = false;
        if (rest.StartsWith('['))
        {
            var end = rest.IndexOf(']');
            if (end < 0)
                return "a '[' without a ']'";
            hostText = rest[1..end];
            portText = rest[(end + 1)..];
            if (!portText.IsEmpty && portText[0] != ':')
                return $"'{portText}' after the host is not a port";
            hasPort = !portText.IsEmpty;
            portText = hasPort ? portText[1..] : default;
        }
        else if (rest.Count(':') == 1)
        {
            var colon = rest.IndexOf(':');
            hostText = rest[..colon];
            portText = rest[(colon + 1)..];
            hasPort = true;
        }
        // A bare address, without brackets or a port, may name a service.
        var isBare = hostText.Length == rest.Length;
        if (!ScionHost.TryParseIP(hostText, out var host) && !(isBare && ScionHost.TryParse(hostText, out host)))
            return $"'{hostText}' is not an IP address";
        if (hasPort)
            return ReadPort(portText, isdAs, host, out result);
        result = new ScionEndPoint(isdAs, host, Port: 0);
        return null;
    }

    private static string? ReadIsdAs(ReadOnlySpan<char> s, out IsdAs isdAs, out ReadOnlySpan<char> host)
    {
        var comma = s.IndexOf(',');
        host = s[(comma + 1)..];
        isdAs = default;
        if (comma < 0)
            return "no ',' between ISD-AS and host";
        return IsdAs.TryParse(s[..comma], out isdAs) ? null : $"'{s[..comma]}' is not an ISD-AS";
    }

    private static string? ReadPort(ReadOnlySpan<char> s, IsdAs isdAs, ScionHost host, out ScionEndPoint result)
    {
        var isPort = PlainNumber.TryParse(s, out ushort port);
        result = new ScionEndPoint(isdAs, host, port);
        return isPort ? null : $"'{s}' is not a port from 0 to 65535";
    }
}
