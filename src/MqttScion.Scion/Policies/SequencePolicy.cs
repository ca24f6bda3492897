using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace MqttScion.Scion;

/// <summary>
/// Allows paths whose ASes, from source to destination, fit a pattern such as <c>1-ff00:0:111 0* 2-ff00:0:211#1</c>.
/// </summary>
/// <remarks>
/// <code>
/// sequence = choice { choice }              one after the other
/// choice   = repeat { "|" repeat }          one of them
/// repeat   = single { "?" | "+" | "*" }     0 or 1 times, 1 or more, 0 or more
/// single   = hop | "(" sequence ")"
/// hop      = ISD | ISD-AS | ISD-AS#IF | ISD-AS#IN,OUT
/// </code>
/// This is scionproto's language: an operator after a hop binds closer than <c>|</c>, and <c>|</c> closer than a
/// sequence. 0 as a number matches all; <c>#IF</c> matches the interface on either side; at the source IN is 0, and OUT
/// is 0 at the destination. All ASes of the path must fit. The empty text allows every path; a path inside one AS has
/// no hops and fits only what may be left out, like <c>0*</c>. Numbers are written as paths print them: no leading
/// zeros, lower case. At most 4096 characters, and 100 parentheses within each other. Immutable, for any thread.
/// </remarks>
public sealed class SequencePolicy : IPathPolicy
{
    private const int MaxNamed = 4;

    // Null allows all.
    private readonly SequenceAutomaton? _automaton;
    private readonly string _text;

    private SequencePolicy(string text, SequenceAutomaton? automaton)
    {
        _text = text;
        _automaton = automaton;
    }

    /// <summary>Parses a sequence.</summary>
    /// <exception cref="FormatException">The text is no sequence; the message says where.</exception>
    public static SequencePolicy Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryParse(text, out var policy, out var error)
            ? policy
            : throw new FormatException($"{PolicyText.Quote(text)} is not a sequence of hops: {error}.");
    }

    /// <summary>Parses a sequence without an exception.</summary>
    /// <param name="text">The sequence.</param>
    /// <param name="policy">The policy, when true is returned.</param>
    /// <param name="error">What is wrong and where, when false is returned.</param>
    public static bool TryParse(
        string? text,
        [NotNullWhen(true)] out SequencePolicy? policy,
        [NotNullWhen(false)] out string? error)
    {
        error = null;
        SequenceAutomaton? automaton = null;
        var isValid = string.IsNullOrEmpty(text) || SequenceParser.TryParse(text, out automaton, out error);
        policy = isValid ? new SequencePolicy(text ?? "", automaton) : null;
        return policy is not null;
    }

    /// <inheritdoc/>
    public IReadOnlyList<ScionPath> Apply(IReadOnlyList<ScionPath> paths) =>
        _automaton is null ? paths : [.. paths.Where(path => _automaton.Matches(HopsOf(path)))];

    /// <inheritdoc/>
    public PathVerdict Explain(ScionPath path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (_automaton is null)
        {
            return new PathVerdict(IsAllowed: true, "allowed: the sequence is empty");
        }
        var hops = HopsOf(path);
        var progress = _automaton.Follow(hops);
        if (progress.MatchedHops == hops.Count && progress.MayEnd)
        {
            return new PathVerdict(IsAllowed: true, $"allowed by {PolicyText.Quote(_text, '"')}");
        }
        return new PathVerdict(IsAllowed: false, WhyNot(hops, progress));
    }

    /// <summary>The text of the sequence.</summary>
    public override string ToString() => _text;

    private static string WhyNot(IReadOnlyList<PathHop> hops, SequenceProgress progress)
    {
        var matched = progress.MatchedHops;
        var upTo = matched > 0
            ? string.Create(CultureInfo.InvariantCulture, $"fits up to {hops[matched - 1]} (hop {matched})")
            : "no hop fits";
        var came = matched < hops.Count ? $"then comes {hops[matched]}" : "then the path ends";
        var expected = progress.Expected.Take(MaxNamed).Select(pattern => $"\"{pattern}\"");
        var more = progress.Expected.Count > MaxNamed ? " or others" : "";
        var end = !progress.MayEnd ? "" : progress.Expected.Count > 0 ? " or the end" : "the end";
        return $"denied: {upTo}; {came} where {string.Join(" or ", expected)}{more}{end} is expected";
    }

    // A path inside one AS crosses no interface; scionproto's list of its hops is empty.
    private static IReadOnlyList<PathHop> HopsOf(ScionPath path) => path.IsLocal ? [] : path.Hops;
}
