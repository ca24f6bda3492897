namespace MqttScion.Scion;

/// <summary>One entry of an access control list.</summary>
/// <param name="IsAllowing">True for <c>+</c>, false for <c>-</c>.</param>
/// <param name="Pattern">What the entry is about.</param>
internal readonly record struct AclEntry(bool IsAllowing, HopPattern Pattern)
{
    /// <summary>The most entries of a list.</summary>
    public const int MaxCount = 1000;

    /// <summary>Reads a sign; false when the text is neither <c>+</c> nor <c>-</c>.</summary>
    public static bool TryParseSign(ReadOnlySpan<char> text, out bool isAllowing)
    {
        isAllowing = text is "+";
        return isAllowing || text is "-";
    }

    /// <summary>The verdict for a path of which each part is allowed by some entry.</summary>
    public static PathVerdict AllowedBy(IEnumerable<AclEntry> entries) =>
        new(IsAllowed: true, "allowed by " + string.Join(", ", entries.Distinct().Select(each => $"\"{each}\"")));

    /// <summary>The entry as a list holds it; the one that matches all is the bare sign.</summary>
    public override string ToString()
    {
        var sign = IsAllowing ? "+" : "-";
        return Pattern.MatchesAll ? sign : $"{sign} {Pattern}";
    }
}
