using System.Diagnostics.CodeAnalysis;

namespace MqttScion.Scion;

/// <summary>
/// Allows and denies paths by their ASes, from a one-line list such as <c>- 1-ff00:0:120 + 1 -</c>.
/// </summary>
/// <remarks>
/// <code>
/// list      = { entry } default          separated by spaces
/// entry     = ( "+" | "-" ) predicate
/// default   = "+" | "-" | entry          an entry here has a predicate that matches all, such as 0
/// predicate = ISD | ISD-AS | ISD-AS#IF | ISD-AS#IN,OUT
/// </code>
/// 0 as a number matches all; <c>#IF</c> matches the interface on either side. The first entry that matches an AS of
/// the path decides for that AS, and one denied AS denies the path. A path inside one AS follows the default. This is
/// scion-sdk's list, which looks at each AS; for scionproto's, which looks at each interface, see
/// <see cref="InterfaceAclPolicy"/>. Immutable, for any thread.
/// </remarks>
public sealed class AclPolicy : IPathPolicy
{
    // The last one is the default: it matches all.
    private readonly AclEntry[] _entries;

    private AclPolicy(AclEntry[] entries) => _entries = entries;

    private AclEntry Default => _entries[^1];

    /// <summary>Parses a list.</summary>
    /// <exception cref="FormatException">The text is no list; the message says where.</exception>
    public static AclPolicy Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryParse(text, out var policy, out var error)
            ? policy
            : throw new FormatException($"{PolicyText.Quote(text)} is not an access control list: {error}.");
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
        var entries = new List<AclEntry>();
        for (var i = 0; i < words.Length; i += 2)
        {
            if (!AclEntry.TryParseSign(words[i], out var isAllowing))
            {
                error = $"{PolicyText.Quote(words[i])} stands where + or - is expected";
                return false;
            }
            var pattern = HopPattern.Any;
            if (i + 1 < words.Length && !HopPattern.TryParse(words[i + 1], out pattern))
            {
                error = $"{PolicyText.Quote(words[i + 1])} is no {HopPattern.Forms}";
                return false;
            }
            entries.Add(new AclEntry(isAllowing, pattern));
            if (entries.Count > AclEntry.MaxCount)
            {
                error = $"it has more than {AclEntry.MaxCount} entries";
                return false;
            }
        }
        if (entries.Count == 0 || !entries[^1].Pattern.MatchesAll)
        {
            error = "it must end with a default, + or -";
            return false;
        }
        policy = new AclPolicy([.. entries]);
        error = null;
        return true;
    }

    /// <inheritdoc/>
    public IReadOnlyList<ScionPath> Apply(IReadOnlyList<ScionPath> paths) => [.. paths.Where(Allows)];

    /// <inheritdoc/>
    public PathVerdict Explain(ScionPath path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (path.IsLocal)
        {
            var verdict = Default.IsAllowing ? "allowed" : "denied";
            return new PathVerdict(
                Default.IsAllowing, $"{verdict} by the default \"{Default}\": the path stays inside {path.Source}");
        }
        foreach (var hop in path.Hops)
        {
            var entry = EntryFor(hop);
            if (!entry.IsAllowing)
            {
                return new PathVerdict(IsAllowed: false, $"denied by \"{entry}\" at {hop}");
            }
        }
        return AclEntry.AllowedBy(path.Hops.Select(EntryFor));
    }

    /// <summary>The list in its shortest form.</summary>
    public override string ToString() => string.Join(' ', _entries);

    private bool Allows(ScionPath path) =>
        path.IsLocal ? Default.IsAllowing : path.Hops.All(hop => EntryFor(hop).IsAllowing);

    private AclEntry EntryFor(PathHop hop) => Array.Find(_entries, entry => entry.Pattern.Matches(hop));
}
