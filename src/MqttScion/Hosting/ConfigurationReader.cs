using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using MqttScion.Mqtt;
using MqttScion.Options;

namespace MqttScion;

/// <summary>
/// Fills options from a section of the configuration, as <see cref="OptionTable"/> declares them. What it can't read it
/// tells, and so it does with keys that are no options.
/// </summary>
internal static class ConfigurationReader
{
    private const int LeastLetters = 4;

    private static readonly Dictionary<string, OptionEntry> Options = OptionTable.Of<ScionMqttClientOptions>()
        .Entries.ToDictionary(entry => entry.Key, StringComparer.OrdinalIgnoreCase);

    private static readonly string[] Groups =
        [.. Options.Keys.Where(key => key.Contains(':')).Select(key => key.Split(':')[0]).Distinct()];

    /// <summary>The keys that can be set.</summary>
    public static IEnumerable<string> Keys => Options.Values.Where(IsReadable).Select(option => option.Key);

    /// <summary>Options that are objects: only code can set them.</summary>
    public static IEnumerable<string> CodeOnly =>
        Options.Values.Where(option => !IsReadable(option)).Select(option => option.Key);

    /// <summary>Fills options.</summary>
    /// <param name="section">The section of one client.</param>
    /// <param name="options">The options.</param>
    /// <param name="name">The client's name, or empty.</param>
    /// <param name="root">The directory to which paths are relative; null for the working directory.</param>
    /// <exception cref="OptionsValidationException">A key is no option, or a value can't be read; all are named.
    /// </exception>
    public static void Apply(
        IConfiguration section, ScionMqttClientOptions options, string name, string? root = null)
    {
        var faults = new List<string>();
        if (section is IConfigurationSection named && !named.Exists())
        {
            faults.Add($"The section '{named.Path}' of the configuration is missing or empty.");
        }
        options.Section = (section as IConfigurationSection)?.Path;
        Apply(section, prefix: "", options, faults, root);
        if (faults.Count > 0)
        {
            throw new OptionsValidationException(
                name,
                typeof(ScionMqttClientOptions),
                faults.Select(fault => ScionMqttOptionsValidator.Named(name, fault)));
        }
    }

    private static void Apply(
        IConfiguration section, string prefix, ScionMqttClientOptions options, List<string> faults, string? root)
    {
        foreach (var child in section.GetChildren())
        {
            var key = prefix + child.Key;
            if (Options.TryGetValue(key, out var option) && IsReadable(option))
            {
                Read(option, options, new ConfigurationValue(child, faults, root));
            }
            else if (Groups.Contains(key, StringComparer.OrdinalIgnoreCase) && child.Value is not { Length: > 0 })
            {
                Apply(child, key + ":", options, faults, root);
            }
            else
            {
                faults.Add(Refuse(child, key));
            }
        }
    }

    private static bool IsReadable(OptionEntry option) =>
        option.Kind != OptionKind.Structured || option.ValueType == typeof(IList<MqttUserProperty>);

    private static void Read(OptionEntry option, ScionMqttClientOptions options, ConfigurationValue value)
    {
        if (option.Get(options) is IList<string> texts)
        {
            value.Items(item => texts.AddIfAny(item.Text()));
        }
        else if (option.Get(options) is IList<MqttUserProperty> properties)
        {
            value.Items(item => AddProperty(properties, item));
        }
        else if (option.IsNullable && value.IsNothing)
        {
            option.Set(options, null);
        }
        else if (value.Read(option) is { } read)
        {
            option.Set(options, read);
        }
    }

    private static string Refuse(IConfigurationSection child, string key)
    {
        var place = child.Path.Length > child.Key.Length ? child.Path[..^(child.Key.Length + 1)] : "";
        var where = place.Length == 0 ? "at the root of the configuration" : $"in the section '{place}'";
        return Options.ContainsKey(key)
            ? $"'{child.Key}' {where}: only code can set it."
            : Groups.Contains(key, StringComparer.OrdinalIgnoreCase)
                ? $"'{child.Key}' {where}: expected a section, found a value."
                : $"'{child.Key}' {where} is not an option of a client.{Suggest(child.Key, key)}";
    }

    // The beginning of a key of the same group, or one with a letter more, less or other.
    private static string Suggest(string name, string key)
    {
        var prefix = key[..^name.Length];
        var near = Options.Keys.Concat(Groups)
            .Where(known => known.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            .Select(known => known[prefix.Length..])
            .Where(known => !known.Contains(':', StringComparison.Ordinal) && IsNear(known, name))
            .ToList();
        return near.Count == 0 ? "" : $" Did you mean {string.Join(" or ", near)}?";
    }

    private static bool IsNear(string known, string name)
    {
        if (name.Length >= LeastLetters && known.StartsWith(name, StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }
        var start = 0;
        var most = Math.Min(known.Length, name.Length);
        while (start < most && IsSame(known[start], name[start]))
        {
            start++;
        }
        var end = 0;
        while (end < most - start && IsSame(known[^(end + 1)], name[^(end + 1)]))
        {
            end++;
        }
        return Math.Max(known.Length, name.Length) - start - end <= 1; // What does not begin and end alike.
    }

    private static bool IsSame(char a, char b) => char.ToUpperInvariant(a) == char.ToUpperInvariant(b);

    private static void AddProperty(IList<MqttUserProperty> properties, ConfigurationValue item)
    {
        if (item.Member("Name") is { } name && item.Member("Value") is { } value)
        {
            properties.Add(new MqttUserProperty(name, value));
        }
    }

    private static void AddIfAny(this IList<string> list, string? text)
    {
        if (text is not null)
        {
            list.Add(text);
        }
    }
}
