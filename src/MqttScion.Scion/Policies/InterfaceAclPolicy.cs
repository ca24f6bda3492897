using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace MqttScion.Scion;

/// <summary>
/// Allows and denies paths by their interfaces, from a list of entries such as <c>- 1-ff00:0:120#3</c>, <c>+</c>.
/// </summary>
/// <remarks>
/// <code>
/// entry     = ( "+" | "-" ) [ " " predicate ]
/// predicate = ISD | ISD-AS | ISD-AS#IF | ISD-AS#IN,OUT
/// </code>
/// 0 as a number matches all. The last entry, and no other, matches all. The first entry that matches an interface
/// decides for that interface, and one denied interface denies the path; <c>#IN,OUT</c> compares IN where the path
/// enters an AS and OUT where it leaves. A path inside one AS is allowed, and an empty list allows all. This is
/// scionproto's list: <c>+ 1-2#3</c>, <c>-</c> denies transit through 1-2, whose other interface does not match, where
/// <see cref="AclPolicy"/> allows it. Immutable, for any thread.
/// </remarks>
public sealed class InterfaceAclPolicy : IPathPolicy
{
    private readonly AclEntry[] _entries;

    private InterfaceAclPolicy(AclEntry[] entries) => _entries = entries;

    /// <summary>Parses a list.</summary>
    /// <exception cref="FormatException">The entries are no list; the message says which is wrong.</exception>
    public static InterfaceAclPolicy Parse(params IReadOnlyList<string> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        return TryParse(entries, out var policy, out var error)
            ? policy
            : throw new FormatException($"The entries are not an access control list: {error}.");
    }

    /// <summary>Parses a list without an exception.</summary>
    /// <param name="entries">The entries.</param>
    /// <param name="policy">The policy, when true is returned.</param>
    /// <param name="error">What is wrong, when false is returned.</param>
    public static bool TryParse(
        IReadOnlyList<string>? entries,
        [NotNullWhen(true)] out InterfaceAclPolicy? policy,
        [NotNullWhen(false)] out string? error)
    {
        policy = null;
        if (entries is null || entries.Count > AclEntry.MaxCount)
        {
            error = entries is null ? "there is none" : $"it has more than {AclEntry.MaxCount} entries";
            return false;
        }
        var parsed = new AclEntry[entries.Count];
        for (var i = 0; i < parsed.Length; i++)
        {
            var isLast = i == parsed.Length - 1;
            if (ProblemOf(entries[i] ?? "", isLast, out parsed[i]) is { } problem)
            {
                error = string.Create(
                    CultureInfo.InvariantCulture, $"entry {i + 1}, {PolicyText.Quote(entries[i])}: {problem}");
                return false;
            }
        }
        policy = new InterfaceAclPolicy(parsed);
        error = null;
        return true;
    }

    /// <inheritdoc/>
    public IReadOnlyList<ScionPath> Apply(IReadOnlyList<ScionPath> paths) =>
        [.. paths.Where(path => Denied(path) is null)];

    /// <inheritdoc/>
    public PathVerdict Explain(ScionPath path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (_entries.Length == 0)
        {
            return new PathVerdict(IsAllowed: true, "allowed: the list is empty");
        }
        if (path.IsLocal)
        {
            return new PathVerdict(IsAllowed: true, $"allowed: the path stays inside {path.Source}");
        }
        if (Denied(path) is { } index)
        {
            var side = IsIngress(index) ? "ingress" : "egress";
            return new PathVerdict(
                IsAllowed: false, $"denied by \"{EntryFor(path, index)}\" at {path.Interfaces[index]} ({side})");
        }
        return AclEntry.AllowedBy(path.Interfaces.Select((_, i) => EntryFor(path, i)));
    }

    /// <summary>The entries in their shortest form, separated by commas and spaces.</summary>
    public override string ToString() => string.Join(", ", _entries);

    private static string? ProblemOf(string text, bool isLast, out AclEntry entry)
    {
        entry = default;
        var space = text.IndexOf(' ', StringComparison.Ordinal);
        if (!AclEntry.TryParseSign(space < 0 ? text : text.AsSpan(0, space), out var isAllowing))
        {
            return "it must begin with + or -, alone or with one space and a predicate";
        }
        var pattern = HopPattern.Any;
        if (space >= 0 && !HopPattern.TryParse(text.AsSpan(space + 1), out pattern))
        {
            return $"{PolicyText.Quote(text.AsSpan(space + 1))} is no {HopPattern.Forms}";
        }
        entry = new AclEntry(isAllowing, pattern);
        return (pattern.MatchesAll, isLast) switch
        {
            (true, false) => "it matches everything, so that no entry after it can decide",
            (false, true) => "the last entry must match everything, such as + or -",
            _ => null,
        };
    }

    // Interfaces come in the order of travel: exit of the source, entry of the next AS, and so on.
    private static bool IsIngress(int index) => index % 2 != 0;

    /// <summary>The index of the first interface that is denied; null when there is none.</summary>
    private int? Denied(ScionPath path)
    {
        for (var i = 0; i < path.Interfaces.Count && _entries.Length > 0; i++)
        {
            if (!EntryFor(path, i).IsAllowing)
            {
                return i;
            }
        }
        return null;
    }

    private AclEntry EntryFor(ScionPath path, int index) =>
        Array.Find(_entries, entry => entry.Pattern.Matches(path.Interfaces[index], IsIngress(index)));
}
