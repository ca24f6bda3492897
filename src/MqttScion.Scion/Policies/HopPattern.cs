using System.Globalization;

namespace MqttScion.Scion;

/// <summary>
/// A predicate over one AS of a path: <c>ISD</c>, <c>ISD-AS</c>, <c>ISD-AS#IF</c> or <c>ISD-AS#IN,OUT</c>; 0 matches
/// all.
/// </summary>
/// <param name="IsdAs">The AS; a part that is 0 matches all.</param>
/// <param name="In">The interface of entry, or either interface when <paramref name="IsEither"/>; 0 matches
/// all.</param>
/// <param name="Out">The interface of exit; 0 matches all.</param>
/// <param name="IsEither">True for the form with one interface.</param>
internal readonly record struct HopPattern(IsdAs IsdAs, ushort In, ushort Out, bool IsEither)
{
    /// <summary>The forms, for messages.</summary>
    public const string Forms = "ISD, ISD-AS, ISD-AS#IF or ISD-AS#IN,OUT";

    /// <summary>Matches every AS of every path.</summary>
    public static HopPattern Any => new(default, 0, 0, IsEither: true);

    /// <summary>True when every AS of every path matches.</summary>
    public bool MatchesAll => IsdAs.Value == 0 && In == 0 && Out == 0;

    /// <summary>Parses one of the four forms.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out HopPattern pattern)
    {
        pattern = default;
        var hash = text.IndexOf('#');
        var isdAsText = hash < 0 ? text : text[..hash];
        if (!TryParseIsdAs(isdAsText, out var isdAs))
        {
            return false;
        }
        if (hash < 0)
        {
            pattern = new HopPattern(isdAs, 0, 0, IsEither: true);
            return true;
        }

        var interfaces = text[(hash + 1)..];
        var comma = interfaces.IndexOf(',');
        ushort exit = 0;
        if (!isdAsText.Contains('-')
            || !TryParseNumber(comma < 0 ? interfaces : interfaces[..comma], out var entry)
            || (comma >= 0 && !TryParseNumber(interfaces[(comma + 1)..], out exit)))
        {
            return false;
        }

        // Interface numbers mean something only within one AS.
        if ((entry != 0 || exit != 0) && isdAs.As == 0)
        {
            return false;
        }
        pattern = new HopPattern(isdAs, entry, exit, IsEither: comma < 0);
        return true;
    }

    /// <summary>True when an AS of a path matches.</summary>
    public bool Matches(PathHop hop) =>
        (IsdAs.Isd == 0 || IsdAs.Isd == hop.IsdAs.Isd)
        && (IsdAs.As == 0 || IsdAs.As == hop.IsdAs.As)
        && (IsEither
            ? In == 0 || In == hop.Ingress || In == hop.Egress
            : (In == 0 || In == hop.Ingress) && (Out == 0 || Out == hop.Egress));

    /// <summary>True when an interface of a path matches.</summary>
    /// <param name="hop">The interface.</param>
    /// <param name="isIngress">True when the path enters its AS there, false when it leaves.</param>
    public bool Matches(PathInterface hop, bool isIngress)
    {
        var id = IsEither || isIngress ? In : Out;
        return (IsdAs.Isd == 0 || IsdAs.Isd == hop.IsdAs.Isd)
            && (IsdAs.As == 0 || IsdAs.As == hop.IsdAs.As)
            && (id == 0 || id == hop.Id);
    }

    /// <summary>
    /// The shortest text that parses to the same pattern: <c>0</c>, <c>1</c>, <c>0-64512</c>, <c>1-ff00:0:110</c>,
    /// <c>1-ff00:0:110#3</c>, <c>1-ff00:0:110#0,4</c>.
    /// </summary>
    public override string ToString() => (IsEither, In) switch
    {
        (false, _) => FormattableString.Invariant($"{IsdAs}#{In},{Out}"),
        (true, 0) when IsdAs.As == 0 => IsdAs.Isd.ToString(CultureInfo.InvariantCulture),
        (true, 0) => IsdAs.ToString(),
        _ => FormattableString.Invariant($"{IsdAs}#{In}"),
    };

    private static bool TryParseIsdAs(ReadOnlySpan<char> text, out IsdAs isdAs)
    {
        if (text.Contains('-'))
        {
            return IsdAs.TryParse(text, out isdAs);
        }
        var isValid = TryParseNumber(text, out var isd);
        isdAs = new IsdAs(isd, 0);
        return isValid;
    }

    private static bool TryParseNumber(ReadOnlySpan<char> text, out ushort number) =>
        PlainNumber.TryParse(text, out number);
}
