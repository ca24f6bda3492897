using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace MqttScion.Scion;

/// <summary>Allows paths by scionproto's policy object in JSON.</summary>
/// <remarks>
/// <code>
/// {
///   "extends": ["name"],                                   the last one counts most, what is set here even more
///   "local_isd_ases": ["1-ff00:0:111"],                    where a path may begin
///   "remote_isd_ases": [{"isd_as": "2-0", "reject": true}, {"isd_as": "0-0"}],   the first that matches decides
///   "acl": ["- 1-ff00:0:120#3", "+"],                      see InterfaceAclPolicy
///   "sequence": "0* 1-ff00:0:110 0*",                      see SequencePolicy
///   "options": [{"weight": 10, "policy": {}}]              the heaviest that allow a path at all decide
/// }
/// </code>
/// All keys may be left out, and any other key is an error. They apply in the order local, remote, acl, sequence,
/// options; options of the same weight are joined. A path inside one AS is denied by <c>local_isd_ases</c> and
/// <c>remote_isd_ases</c>. Names of <c>extends</c> are looked up in a second object, of policies by name. Each text has
/// at most 262,144 characters, policies lie at most 16 deep in each other, and no more than 1,000 are evaluated.
/// Immutable, for any thread.
/// </remarks>
public sealed class JsonPathPolicy : IPathPolicy
{
    private readonly (string Key, IPathPolicy Policy)[] _filters;

    // By weight, the heaviest first.
    private readonly IGrouping<long, PolicyOption>[] _options;

    internal JsonPathPolicy(JsonPolicyRules rules)
    {
        Rules = rules;
        (string, IPathPolicy?)[] filters =
        [
            ("local_isd_ases", rules.LocalIsdAses), ("remote_isd_ases", rules.RemoteIsdAses),
            ("acl", rules.Acl), ("sequence", rules.Sequence),
        ];
        _filters = [.. from filter in filters where filter.Item2 is not null select (filter.Item1, filter.Item2)];
        _options = [.. rules.Options.GroupBy(option => option.Weight).OrderByDescending(group => group.Key)];
    }

    internal JsonPolicyRules Rules { get; }

    /// <summary>Parses a policy.</summary>
    /// <param name="json">The policy.</param>
    /// <param name="namedPolicies">The policies that it may extend: an object with a policy for each name.</param>
    /// <exception cref="FormatException">A text is no such object; the message says where.</exception>
    public static JsonPathPolicy Parse(string json, string? namedPolicies = null)
    {
        ArgumentNullException.ThrowIfNull(json);
        return TryParse(json, namedPolicies, out var policy, out var error)
            ? policy
            : throw new FormatException($"The JSON path policy is refused: {error}.");
    }

    /// <summary>Parses a policy that extends no other, without an exception.</summary>
    /// <param name="json">The policy.</param>
    /// <param name="policy">The policy, when true is returned.</param>
    /// <param name="error">What is wrong and where, when false is returned.</param>
    public static bool TryParse(
        string? json,
        [NotNullWhen(true)] out JsonPathPolicy? policy,
        [NotNullWhen(false)] out string? error) =>
        TryParse(json, namedPolicies: null, out policy, out error);

    /// <summary>Parses a policy without an exception.</summary>
    /// <param name="json">The policy.</param>
    /// <param name="namedPolicies">The policies that it may extend: an object with a policy for each name.</param>
    /// <param name="policy">The policy, when true is returned.</param>
    /// <param name="error">What is wrong and where, when false is returned.</param>
    public static bool TryParse(
        string? json,
        string? namedPolicies,
        [NotNullWhen(true)] out JsonPathPolicy? policy,
        [NotNullWhen(false)] out string? error) =>
        JsonPolicyReader.TryRead(json ?? "", namedPolicies, out policy, out error);

    /// <summary>Reads a policy from a file.</summary>
    /// <param name="path">The file with the policy.</param>
    /// <param name="namedPoliciesPath">The file with the policies that it may extend.</param>
    /// <exception cref="FormatException">The content is no such object; the message names the file.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read.</exception>
    public static JsonPathPolicy FromFile(string path, string? namedPoliciesPath = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        var named = namedPoliciesPath is null ? null : TextOf(namedPoliciesPath);
        return TryParse(TextOf(path), named, out var policy, out var error)
            ? policy
            : throw new FormatException($"The JSON path policy in {path} is refused: {error}.");
    }

    /// <inheritdoc/>
    public IReadOnlyList<ScionPath> Apply(IReadOnlyList<ScionPath> paths)
    {
        foreach (var (_, policy) in _filters)
        {
            paths = policy.Apply(paths);
        }
        return _options.Length == 0 ? paths : ApplyOptions(paths);
    }

    /// <inheritdoc/>
    public PathVerdict Explain(ScionPath path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var reasons = new List<string>();
        foreach (var (key, policy) in _filters)
        {
            var (isAllowed, why) = policy.Explain(path);
            if (!isAllowed)
            {
                return new PathVerdict(IsAllowed: false, $"{key}: {why}");
            }
            reasons.Add($"{key}: {why}");
        }
        if (_options.Length > 0)
        {
            var (isAllowed, why) = ExplainOptions(path);
            if (!isAllowed)
            {
                return new PathVerdict(IsAllowed: false, why);
            }
            reasons.Add(why);
        }
        return new PathVerdict(
            IsAllowed: true, reasons.Count == 0 ? "allowed: the policy is empty" : string.Join("; ", reasons));
    }

    private static string TextOf(string path)
    {
        using var reader = new StreamReader(path);
        var text = new char[JsonPolicyReader.MaxLength + 1];
        var length = reader.ReadBlock(text);
        return length <= JsonPolicyReader.MaxLength
            ? new string(text, 0, length)
            : throw new FormatException(string.Create(
                CultureInfo.InvariantCulture, $"{path} has more than {JsonPolicyReader.MaxLength} characters."));
    }

    private IReadOnlyList<ScionPath> ApplyOptions(IReadOnlyList<ScionPath> paths)
    {
        foreach (var group in _options)
        {
            var allowed = group.SelectMany(option => option.Policy.Apply(paths)).ToHashSet();
            if (allowed.Count > 0)
            {
                return [.. paths.Where(allowed.Contains)];
            }
        }
        return [];
    }

    private PathVerdict ExplainOptions(ScionPath path)
    {
        string? first = null;
        foreach (var option in _options.SelectMany(group => group))
        {
            var (isAllowed, why) = option.Policy.Explain(path);
            var reason = string.Create(CultureInfo.InvariantCulture, $"option of weight {option.Weight}: {why}");
            if (isAllowed)
            {
                return new PathVerdict(IsAllowed: true, reason);
            }
            first ??= reason;
        }
        return new PathVerdict(IsAllowed: false, $"options: denied by each; {first}");
    }
}
