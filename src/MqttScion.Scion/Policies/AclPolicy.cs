using System.Diagnostics.CodeAnalysis;

namespace MqttScion.Scion;

/// <summary>
/// Allows and denies paths by their ASes, from a one-line list such as <c>- 1-ff00:0:120 + 1 -</c>.
/// </summary>
/// <remarks>
/// Entries <c>+ predicate</c> or <c>- predicate</c> separated by spaces, then the default: a bare <c>+</c> or <c>-</c>,
/// or a predicate that matches all (<c>0</c>). A predicate is <c>ISD</c>, <c>ISD-AS</c>, <c>ISD-AS#IF</c> or
/// <c>ISD-AS#IN,OUT</c>. The first entry that matches an AS of the path decides for that AS, and one denied AS denies
/// the path. A path inside one AS follows the default. This is scion-sdk's list per AS, not scionproto's per interface.
/// </remarks>
public sealed class AclPolicy : IPathPolicy
{
    private const int MaxEntries = 1000;

    private readonly (bool Allow, HopPattern Pattern)[] _entries;
    private readonly bool _default;

    private AclPolicy((bool, HopPattern)[] entries, bool defaultAllow)
    {
        _entries = entries;
        _default = defaultAllow;
    }

    /// <summary>Parses a list.</summary>
    /// <exception cref="FormatException">The text is no list; the message says where.</exception>
    public static AclPolicy Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryParse(text, out var policy, out var error)
            ? policy
            : throw new FormatException($"'{text}' is not an access control list: {error}.");
    }

    /// <summary>Parses a list without an exception.</summary>
    /// <param name="text">The list.</param>
    /// <param name="policy">The policy, when true is returned.</param>
    /// <param name="error">What is wrong, when false is returned.</param>
    public static bool TryParse(
        string? text,
        [NotNullWhen(true)] out AclPolicy? policy,
        [NotNullWhen(false)] out string? error)
    {
        policy = null;
        var words = (text ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var entries = new List<(bool, HopPattern)>();
        for (var i = 0; i < words.Length; i += 2)
        {
            if (words[i] is not ("+" or "-"))
            {
                error = $"'{words[i]}' stands where + or - is expected";
                return false;
            }
            var allow = words[i] == "+";
            var isLast = i + 2 >= words.Length;
            HopPattern pattern = default;
            if (i + 1 < words.Length && !HopPattern.TryParse(words[i + 1], out pattern))
            {
                error = $"'{words[i + 1]}' is no ISD, ISD-AS, ISD-AS#IF or ISD-AS#IN,OUT";
                return false;
            }
            if (isLast && pattern.MatchesAll)
            {
                policy = new AclPolicy([.. entries], allow);
                error = null;
                return true;
            }
            entries.Add((allow, pattern));
            if (entries.Count > MaxEntries)
            {
                error = $"it has more than {MaxEntries} entries";
                return false;
            }
        }
        error = "it must end with a default, + or -";
        return false;
    }

    /// <inheritdoc/>
    public IReadOnlyList<ScionPath> Apply(IReadOnlyList<ScionPath> paths) => [.. paths.Where(Allows)];

    private bool Allows(ScionPath path) => path.IsLocal ? _default : path.Hops.All(Allows);

    private bool Allows(PathHop hop)
    {
        foreach (var (allow, pattern) in _entries)
        {
            if (pattern.Matches(hop))
            {
                return allow;
            }
        }
        return _default;
    }
}
