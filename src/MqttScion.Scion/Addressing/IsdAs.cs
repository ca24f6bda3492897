using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace MqttScion.Scion;

/// <summary>An ISD-AS number: 16 bits of isolation domain and 48 bits of autonomous system.</summary>
/// <remarks>
/// Text form <c>1-ff00:0:110</c>; an AS below 2^32 prints as a decimal number (<c>1-64512</c>). A zero part is a
/// wildcard. Formats: <c>G</c> is that form, <c>F</c> the one for file names (<c>1-ff00_0_110</c>), <c>P</c> the one
/// with prefixes (<c>ISD1-ASff00:0:110</c>).
/// </remarks>
public readonly record struct IsdAs : ISpanParsable<IsdAs>, IFormattable
{
    /// <summary>The largest AS number, 2^48 - 1.</summary>
    public const ulong MaxAs = 0xffff_ffff_ffff;

    private const char GroupSeparator = ':';
    private const char FileSeparator = '_';
    private const string IsdPrefix = "ISD";
    private const string Delimiter = "-";
    private const string PrefixedDelimiter = "-AS";

    /// <summary>Makes an ISD-AS from its 64-bit wire value.</summary>
    public IsdAs(ulong value) => Value = value;

    /// <summary>Makes an ISD-AS from its two parts.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="asNumber"/> needs more than 48 bits.</exception>
    public IsdAs(ushort isd, ulong asNumber)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(asNumber, MaxAs);
        Value = (ulong)isd << 48 | asNumber;
    }

    /// <summary>The wire value: ISD in the upper 16 bits, AS in the lower 48.</summary>
    public ulong Value { get; }

    /// <summary>The isolation domain.</summary>
    public ushort Isd => (ushort)(Value >> 48);

    /// <summary>The autonomous system.</summary>
    public ulong As => Value & MaxAs;

    /// <summary>True when either part is zero.</summary>
    public bool IsWildcard => Isd == 0 || As == 0;

    /// <inheritdoc/>
    public static IsdAs Parse(string s, IFormatProvider? provider = null) => Parse(s.AsSpan(), provider);

    /// <inheritdoc/>
    public static IsdAs Parse(ReadOnlySpan<char> s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var result)
            ? result
            : throw new FormatException($"'{s}' is not an ISD-AS; expected a form like 1-ff00:0:110 or 1-64512.");

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out IsdAs result) =>
        TryParse(s.AsSpan(), provider, out result);

    /// <summary>Parses text without an exception.</summary>
    public static bool TryParse(ReadOnlySpan<char> s, out IsdAs result) => TryParse(s, null, out result);

    /// <inheritdoc/>
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out IsdAs result) =>
        TryParseParts(s, GroupSeparator, out result);

    /// <summary>Parses text of one format without an exception: <c>G</c>, <c>F</c> or <c>P</c>.</summary>
    /// <exception cref="FormatException">There is no such format.</exception>
    public static bool TryParseExact(ReadOnlySpan<char> s, ReadOnlySpan<char> format, out IsdAs result)
    {
        result = default;
        switch (format)
        {
            case "G":
                return TryParse(s, out result);
            case "F":
                return TryParseParts(s, FileSeparator, out result);
            case "P":
                return s.StartsWith(IsdPrefix)
                    && TryParseParts(s[IsdPrefix.Length..], GroupSeparator, out result, PrefixedDelimiter);
            default:
                throw UnknownFormat(format.ToString());
        }
    }

    /// <summary>Parses an AS number alone: decimal below 2^32, or three groups of hexadecimal digits.</summary>
    /// <param name="s">The text.</param>
    /// <param name="asNumber">The AS number.</param>
    /// <param name="separator">The character between the groups; file names use <c>_</c>.</param>
    public static bool TryParseAs(ReadOnlySpan<char> s, out ulong asNumber, char separator = GroupSeparator)
    {
        asNumber = 0;
        if (s.IndexOf(separator) < 0)
        {
            if (!PlainNumber.TryParse(s, out uint number))
            {
                return false;
            }
            asNumber = number;
            return true;
        }

        var groups = 0;
        foreach (var range in s.Split(separator))
        {
            if (++groups > 3
                || !PlainNumber.TryParse(s[range], out ushort g, NumberStyles.AllowHexSpecifier))
            {
                return false;
            }
            asNumber = asNumber << 16 | g;
        }
        return groups == 3;
    }

    /// <summary>Formats an AS number alone.</summary>
    /// <param name="asNumber">The AS number.</param>
    /// <param name="separator">The character between the groups; file names use <c>_</c>.</param>
    public static string FormatAs(ulong asNumber, char separator = GroupSeparator) =>
        asNumber <= uint.MaxValue
            ? asNumber.ToString(CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture,
                $"{asNumber >> 32 & 0xffff:x}{separator}{asNumber >> 16 & 0xffff:x}{separator}{asNumber & 0xffff:x}");

    /// <summary>The canonical form, <c>1-ff00:0:110</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Isd}-{FormatAs(As)}");

    /// <summary>One of the formats <c>G</c>, <c>F</c> and <c>P</c>.</summary>
    /// <exception cref="FormatException">There is no such format.</exception>
    public string ToString(string? format, IFormatProvider? formatProvider = null) => format switch
    {
        null or "" or "G" => ToString(),
        "F" => string.Create(CultureInfo.InvariantCulture, $"{Isd}-{FormatAs(As, FileSeparator)}"),
        "P" => string.Create(CultureInfo.InvariantCulture, $"{IsdPrefix}{Isd}{PrefixedDelimiter}{FormatAs(As)}"),
        _ => throw UnknownFormat(format),
    };

    private static bool TryParseParts(
        ReadOnlySpan<char> s, char separator, out IsdAs result, string delimiter = Delimiter)
    {
        result = default;
        var end = s.IndexOf(delimiter);
        if (end < 0
            || !PlainNumber.TryParse(s[..end], out ushort isd)
            || !TryParseAs(s[(end + delimiter.Length)..], out var asNumber, separator))
        {
            return false;
        }
        result = new IsdAs(isd, asNumber);
        return true;
    }

    private static FormatException UnknownFormat(string format) =>
        new($"'{format}' is not a format of an ISD-AS; expected G, F or P.");
}
