using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using MqttScion.Options;

namespace MqttScion.Tidy.Tests;

/// <summary>What the summary and the declaration of an option say, in the words of the documents.</summary>
internal static partial class OptionText
{
    private const string Bytes = "bytes";

    private static readonly Dictionary<string, XDocument> Documentation = [];

    /// <summary>The default, such as <c>30 s</c>; for the rest of the options as code.</summary>
    public static string DefaultOf(OptionEntry option, object options) => option.Get(options) switch
    {
        null or "" => "none",
        bool flag => flag ? "`true`" : "`false`",
        Enum choice => $"`{choice}`",
        string text => $"`{text}`",
        System.Collections.IEnumerable or Delegate => "none",
        var value when option.Kind is OptionKind.Duration or OptionKind.Number => Text(value, option),
        _ => "none",
    };

    /// <summary>The range, such as <c>1 s to 10 min</c>; null without one.</summary>
    public static string? RangeOf(OptionEntry option) => option.Rule is OptionRangeAttribute range
        ? range.IsBounded
            ? $"{Text(range.Least, option)} to {Text(range.Most, option)}"
            : $"{Text(range.Least, option)} or more"
        : null;

    /// <summary>How the option is written.</summary>
    public static string ValueOf(OptionEntry option) => option.Kind switch
    {
        OptionKind.Flag => "`true` or `false`",
        OptionKind.Choice => string.Join(", ", Enum.GetNames(option.ValueType).Select(name => $"`{name}`")),
        OptionKind.Duration => "duration, " + RangeOf(option) + (option.IsNullable ? "; null or empty for none" : ""),
        OptionKind.Number when Unit(option) is Bytes => RangeOf(option)!,
        OptionKind.Number => "number, " + RangeOf(option),
        OptionKind.Url => "absolute URL",
        OptionKind.Path => ((OptionPathAttribute)option.Rule!).Kind,
        OptionKind.List => $"list of {Unit(option)}, {RangeOf(option)}",
        OptionKind.Structured when IsList(option.ValueType) => "list of " + string.Join(
            " and ", option.ValueType.GenericTypeArguments[0].GetProperties().Select(p => $"`{p.Name}`")),
        OptionKind.Structured => "object, in code only",
        _ => "text",
    };

    /// <summary>The summary of the property, as Markdown on one line.</summary>
    public static string SummaryOf(OptionEntry option)
    {
        var type = option.Property.DeclaringType!;
        var file = Path.ChangeExtension(type.Assembly.Location, ".xml");
        if (!Documentation.TryGetValue(file, out var document))
            Documentation[file] = document = XDocument.Load(file, LoadOptions.PreserveWhitespace);
        var id = $"P:{type.FullName}.{option.Property.Name}";
        var summary = document.Descendants("member").Single(m => (string?)m.Attribute("name") == id)
            .Element("summary")!;
        return Blanks().Replace(string.Concat(summary.Nodes().Select(node => Markdown(node, type))), " ").Trim();
    }

    /// <summary>What a summary must say of the default; null where it is up to the summary.</summary>
    public static string? PromiseOf(OptionEntry option, object options) => option.Kind switch
    {
        OptionKind.Number or OptionKind.Duration => $"Default {DefaultOf(option, options)}; {RangeOf(option)}",
        OptionKind.List => RangeOf(option),
        OptionKind.Choice => $"Default `{option.ValueType.Name}.{option.Get(options)}`",
        OptionKind.Flag => option.Get(options) is true ? "True (the default)" : "Default false",
        _ => null,
    };

    private static string Text(object value, OptionEntry option) => value switch
    {
        TimeSpan duration => Text(duration),
        _ when Unit(option) is Bytes => SizeText(Convert.ToInt64(value, CultureInfo.InvariantCulture)),
        _ => Convert.ToInt64(value, CultureInfo.InvariantCulture).ToString("N0", CultureInfo.InvariantCulture),
    };

    private static string Text(TimeSpan duration)
    {
        var (unit, ticks) = new[]
        {
            ("day", TimeSpan.TicksPerDay), ("h", TimeSpan.TicksPerHour), ("min", TimeSpan.TicksPerMinute),
            ("s", TimeSpan.TicksPerSecond), ("ms", TimeSpan.TicksPerMillisecond),
        }.First(u => duration.Ticks % u.Item2 == 0);
        var count = (duration.Ticks / ticks).ToString("N0", CultureInfo.InvariantCulture);
        return duration == TimeSpan.Zero ? "0" : $"{count} {unit}";
    }

    private static string SizeText(long bytes) => bytes switch
    {
        1 => "1 byte",
        >= 1 << 20 when bytes % (1 << 20) == 0 => $"{bytes >> 20} MiB",
        >= 1 << 10 when bytes % (1 << 10) == 0 => $"{bytes >> 10} KiB",
        _ => bytes.ToString("N0", CultureInfo.InvariantCulture) + " bytes",
    };

    private static string? Unit(OptionEntry option) => (option.Rule as OptionRangeAttribute)?.Unit;

    private static bool IsList(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IList<>);

    private static string Markdown(XNode node, Type owner) => node switch
    {
        XText text => text.Value.Replace("|", @"\|", StringComparison.Ordinal),
        XElement { Name.LocalName: "see" } see => $"`{NameOf((string)see.Attribute("cref")!, owner)}`",
        XElement { Name.LocalName: "c" } code => $"`{code.Value.Trim()}`",
        _ => throw new NotSupportedException($"No Markdown for {node}."),
    };

    // Members of other types with their type.
    private static string NameOf(string id, Type owner)
    {
        var parts = id[2..].Split('.');
        var isAlone = id.StartsWith("T:", StringComparison.Ordinal)
            || id[2..].StartsWith(owner.FullName + ".", StringComparison.Ordinal);
        return isAlone ? parts[^1] : $"{parts[^2]}.{parts[^1]}";
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
