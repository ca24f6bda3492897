using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace MqttScion.Scion;

/// <summary>
/// Reads a <see cref="JsonPathPolicy"/>. The first fault is kept, and what is read after it is of no use.
/// </summary>
internal sealed class JsonPolicyReader
{
    /// <summary>The most characters of a text.</summary>
    public const int MaxLength = 256 * 1024;

    /// <summary>The most policies within each other, by options and by extension.</summary>
    private const int MaxDepth = 16;

    /// <summary>The most policies that are evaluated.</summary>
    private const int MaxCount = 1000;

    /// <summary>The most characters of a fault that the JSON reader reports.</summary>
    private const int MaxFault = 400;

    private readonly Dictionary<string, JsonElement> _named = [];
    private readonly Dictionary<string, JsonPolicyRules> _read = [];
    private readonly List<string> _open = [];
    private int _depth;
    private string? _error;

    private JsonPolicyReader()
    {
    }

    public static bool TryRead(
        string json,
        string? namedPolicies,
        [NotNullWhen(true)] out JsonPathPolicy? policy,
        [NotNullWhen(false)] out string? error)
    {
        policy = null;
        if (!TryLoad(json, out var document, out error))
        {
            return false;
        }
        using (document)
        {
            if (!TryLoad(namedPolicies ?? "{}", out var named, out error))
            {
                error = $"the named policies: {error}";
                return false;
            }
            using (named)
            {
                var reader = new JsonPolicyReader();
                reader.ReadNamed(named.RootElement);
                var rules = reader.ReadPolicy(document.RootElement, "the policy");
                error = reader._error;
                policy = error is null ? new JsonPathPolicy(rules) : null;
                return policy is not null;
            }
        }
    }

    private static bool TryLoad(
        string text,
        [NotNullWhen(true)] out JsonDocument? document,
        [NotNullWhen(false)] out string? error)
    {
        document = null;
        error = text.Length <= MaxLength ? null : string.Create(
            CultureInfo.InvariantCulture, $"it has {text.Length} characters; at most {MaxLength} are expected");
        if (error is not null)
        {
            return false;
        }
        try
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            CheckStrings(bytes);
            document = JsonDocument.Parse(bytes, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return true;
        }
        catch (JsonException e)
        {
            error = $"it is no JSON: {PolicyText.OneLine(e.Message.TrimEnd('.'), MaxFault)}";
        }
        catch (InvalidOperationException)
        {
            error = "it is no JSON: a string holds one half of a surrogate pair";
        }
        return false;
    }

    /// <summary>Reads each string once, since reading one with an escaped half of a pair throws.</summary>
    private static void CheckStrings(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
            {
                _ = reader.GetString();
            }
        }
    }

    private void ReadNamed(JsonElement named)
    {
        if (!Is(named, JsonValueKind.Object, "the named policies"))
        {
            return;
        }
        foreach (var member in named.EnumerateObject())
        {
            _named.Add(member.Name, member.Value);
        }
        foreach (var name in _named.Keys)
        {
            Resolve(name, "the named policies");
        }
    }

    private JsonPolicyRules Resolve(string name, string where)
    {
        if (_read.TryGetValue(name, out var rules) || _error is not null)
        {
            return rules is null ? new JsonPolicyRules() : CheckDepth(rules, where);
        }
        if (!_named.TryGetValue(name, out var element))
        {
            return Fail(where, $"there is no policy named {PolicyText.Quote(name)}");
        }
        var isOpen = _open.Contains(name);
        _open.Add(name);
        if (isOpen)
        {
            var circle = _open.SkipWhile(each => each != name).Select(each => PolicyText.Quote(each));
            return Fail(where, $"policies extend each other in a circle: {string.Join(" > ", circle)}");
        }
        rules = ReadPolicy(element, PolicyText.Quote(name));
        _open.RemoveAt(_open.Count - 1);
        return _read[name] = rules;
    }

    private JsonPolicyRules ReadPolicy(JsonElement element, string where)
    {
        var rules = CheckDepth(new JsonPolicyRules(), where);
        if (_error is not null)
        {
            return rules;
        }
        _depth++;
        IReadOnlyList<string> extends = [];
        foreach (var (key, value) in MembersOf(element, where))
        {
            var at = $"{where}, {PolicyText.OneLine(key)}";
            switch (key)
            {
                case "extends": extends = ReadTexts(value, at); break;
                case "local_isd_ases": rules = rules with { LocalIsdAses = ReadLocal(value, at) }; break;
                case "remote_isd_ases": rules = rules with { RemoteIsdAses = ReadRemote(value, at) }; break;
                case "acl": rules = rules with { Acl = ReadAcl(value, at) }; break;
                case "sequence": rules = rules with { Sequence = ReadSequence(value, at) }; break;
                case "options": rules = rules with { Options = ReadOptions(value, at) }; break;
                default: UnknownKey(where, key); break;
            }
        }
        foreach (var name in extends.Reverse())
        {
            rules = rules.Extend(Resolve(name, $"{where}, extends"));
        }
        _depth--;
        return rules.Count <= MaxCount ? rules : Fail(where, $"more than {MaxCount} policies would be evaluated");
    }

    private JsonPolicyRules CheckDepth(JsonPolicyRules rules, string where) => _depth + rules.Depth <= MaxDepth
        ? rules
        : Fail(where, $"policies lie more than {MaxDepth} deep in each other");

    private LocalAsPolicy ReadLocal(JsonElement list, string where)
    {
        var isdAses = new HashSet<IsdAs>();
        foreach (var text in ReadTexts(list, where))
        {
            var isdAs = ReadIsdAs(text, where);
            if (isdAs.IsWildcard)
            {
                Fail(where, $"{PolicyText.Quote(text)} names no AS; a form like 1-ff00:0:110 is expected");
            }
            isdAses.Add(isdAs);
        }
        return new LocalAsPolicy(isdAses);
    }

    private RemoteAsPolicy ReadRemote(JsonElement list, string where)
    {
        var rules = new List<RemoteAsRule>();
        foreach (var (item, at) in ItemsOf(list, where))
        {
            // As in scionproto, a rule without an AS matches all.
            var rule = default(RemoteAsRule);
            foreach (var (key, value) in MembersOf(item, at))
            {
                switch (key)
                {
                    case "isd_as": rule = rule with { IsdAs = ReadIsdAs(ReadText(value, at), at) }; break;
                    case "reject": rule = rule with { IsRejecting = ReadBool(value, $"{at}, reject") }; break;
                    default: UnknownKey(at, key); break;
                }
            }
            rules.Add(rule);
        }
        return new RemoteAsPolicy([.. rules]);
    }

    private InterfaceAclPolicy? ReadAcl(JsonElement list, string where)
    {
        if (!InterfaceAclPolicy.TryParse(ReadTexts(list, where), out var acl, out var problem))
        {
            Fail(where, problem);
        }
        return acl;
    }

    private SequencePolicy? ReadSequence(JsonElement text, string where)
    {
        if (!SequencePolicy.TryParse(ReadText(text, where), out var sequence, out var problem))
        {
            Fail(where, problem);
        }
        return sequence;
    }

    private List<PolicyOption> ReadOptions(JsonElement list, string where)
    {
        var options = new List<PolicyOption>();
        foreach (var (item, at) in ItemsOf(list, where))
        {
            long weight = 0;
            JsonPolicyRules? rules = null;
            foreach (var (key, value) in MembersOf(item, at))
            {
                switch (key)
                {
                    case "weight": weight = ReadInteger(value, $"{at}, weight"); break;
                    case "policy": rules = ReadPolicy(value, $"{at}, policy"); break;
                    default: UnknownKey(at, key); break;
                }
            }
            rules ??= Fail(at, "the key 'policy' is missing");
            options.Add(new PolicyOption(weight, new JsonPathPolicy(rules)));
        }
        return options;
    }

    private List<string> ReadTexts(JsonElement list, string where) =>
        [.. ItemsOf(list, where).Select(item => ReadText(item.Element, item.Where))];

    private string ReadText(JsonElement element, string where) =>
        Is(element, JsonValueKind.String, where) ? element.GetString()! : "";

    private IsdAs ReadIsdAs(string text, string where)
    {
        if (!IsdAs.TryParse(text, out var isdAs))
        {
            Fail(where, $"{PolicyText.Quote(text)} is no ISD-AS");
        }
        return isdAs;
    }

    private bool ReadBool(JsonElement element, string where)
    {
        var isTrue = element.ValueKind == JsonValueKind.True;
        if (!isTrue && element.ValueKind != JsonValueKind.False)
        {
            Fail(where, $"true or false is expected, {NameOf(element.ValueKind)} came");
        }
        return isTrue;
    }

    private long ReadInteger(JsonElement element, string where)
    {
        long number = 0;
        if (Is(element, JsonValueKind.Number, where) && !element.TryGetInt64(out number))
        {
            Fail(where, $"an integer is expected, {PolicyText.OneLine(element.GetRawText())} came");
        }
        return number;
    }

    /// <summary>The members of an object, until a fault is found.</summary>
    private IEnumerable<(string Key, JsonElement Value)> MembersOf(JsonElement element, string where) =>
        !Is(element, JsonValueKind.Object, where) ? [] :
            from member in element.EnumerateObject().TakeWhile(_ => _error is null)
            select (member.Name, member.Value);

    /// <summary>The items of an array and where they stand, until a fault is found.</summary>
    private IEnumerable<(JsonElement Element, string Where)> ItemsOf(JsonElement element, string where) =>
        !Is(element, JsonValueKind.Array, where) ? [] :
            from item in element.EnumerateArray().TakeWhile(_ => _error is null).Index()
            select (item.Item, string.Create(CultureInfo.InvariantCulture, $"{where}[{item.Index}]"));

    private bool Is(JsonElement element, JsonValueKind expected, string where)
    {
        if (element.ValueKind != expected)
        {
            Fail(where, $"{NameOf(expected)} is expected, {NameOf(element.ValueKind)} came");
        }
        return element.ValueKind == expected;
    }

    private static string NameOf(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "true or false",
    };

    private void UnknownKey(string where, string key) =>
        Fail(where, $"the key {PolicyText.Quote(key)} is unknown");

    private JsonPolicyRules Fail(string where, string problem)
    {
        _error ??= $"{where}: {problem}";
        return new JsonPolicyRules();
    }
}
