using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace MqttScion.Scion;

/// <summary>An ISD-AS number: 16 bits of isolation domain and 48 bits of autonomous system.</summary>
/// <remarks>
/// Text form <c>1-ff00:0:110</c>; an AS below 2^32 prints as a decimal number (<c>1-64512</c>). A zero part is a
/// wildcard.
/// </remarks>
public readonly record struct IsdAs : ISpanParsable<IsdAs>
{
    /// <summary>The largest AS number, 2^48 - 1.</summary>
    public const ulong MaxAs = 0xffff_ffff_ffff;

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
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out IsdAs result)
    {
        result = default;
        var dash = s.IndexOf('-');
        if (dash < 0
            || !ushort.TryParse(s[..dash], NumberStyles.None, CultureInfo.InvariantCulture, out var isd)
            || !TryParseAs(s[(dash + 1)..], out var asNumber))
        {
            return false;
        }
        result = new IsdAs(isd, asNumber);
        return true;
    }

    /// <summary>Parses an AS number alone: decimal below 2^32, or three groups of hexadecimal digits.</summary>
    public static bool TryParseAs(ReadOnlySpan<char> s, out ulong asNumber)
    {
        asNumber = 0;
        if (s.IndexOf(':') < 0)
        {
            if (!uint.TryParse(s, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                return false;
            }
            asNumber = number;
            return true;
        }

        var groups = 0;
        foreach (var range in s.Split(':'))
        {
            if (++groups > 3
                || !ushort.TryParse(s[range], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var g))
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
    public static string FormatAs(ulong asNumber, char separator = ':') =>
        asNumber <= uint.MaxValue
            ? asNumber.ToString(CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture,
                $"{asNumber >> 32 & 0xffff:x}{separator}{asNumber >> 16 & 0xffff:x}{separator}{asNumber & 0xffff:x}");

    /// <inheritdoc/>
    public override string ToString() => $"{Isd.ToString(CultureInfo.InvariantCulture)}-{FormatAs(As)}";
}
