using System.Collections;
using System.Globalization;
using System.Reflection;

namespace MqttScion.Options;

/// <summary>One option, as its property declares it.</summary>
public sealed class OptionEntry
{
    private readonly Func<object, object?> _ownerOf;

    internal OptionEntry(PropertyInfo property)
        : this(property, property.Name, options => options)
    {
    }

    private OptionEntry(PropertyInfo property, string name, Func<object, object?> ownerOf)
    {
        (Property, Name, _ownerOf) = (property, name, ownerOf);
        ValueType = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        Rule = property.GetCustomAttribute<OptionRuleAttribute>();
        Kind = KindOf(ValueType, Rule);
    }

    /// <summary>The name by which faults mention the option, such as <c>Scion.Acl</c>.</summary>
    public string Name { get; }

    /// <summary>The key of the option in a configuration, such as <c>Scion:Acl</c>.</summary>
    public string Key => Name.Replace('.', ':');

    /// <summary>The property that declares the option.</summary>
    public PropertyInfo Property { get; }

    /// <summary>The type of the value, when there is one.</summary>
    public Type ValueType { get; }

    /// <summary>True when null is a value of a type that by itself has none: it turns something off.</summary>
    public bool IsNullable => ValueType != Property.PropertyType;

    /// <summary>How the option is written as text.</summary>
    public OptionKind Kind { get; }

    /// <summary>Which values the option takes; null for all of its type.</summary>
    public OptionRuleAttribute? Rule { get; }

    private string Choices => "one of " + string.Join(", ", Enum.GetNames(ValueType));

    /// <summary>The value.</summary>
    public object? Get(object options) => Property.GetValue(_ownerOf(options));

    /// <summary>Sets the value.</summary>
    public void Set(object options, object? value) => Property.SetValue(_ownerOf(options), value);

    /// <summary>What is wrong with a value: what was expected and what came; null when nothing is.</summary>
    public string? FindFault(object? value)
    {
        if (Rule is not null && (value is not null || Rule.IsRequired))
        {
            return Rule.FindFault(value);
        }
        return value switch
        {
            Enum when !Enum.IsDefined(ValueType, value) => $"expected {Choices}, found {value}.",
            Uri url when !url.IsAbsoluteUri || url.Scheme is not ("http" or "https") =>
                $"expected an absolute http or https URL, found '{url}'.",
            _ => null,
        };
    }

    /// <summary>Reads a value; an <see cref="OptionKind.Structured"/> and an <see cref="OptionKind.List"/> have no
    /// text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="value">The value; null without one.</param>
    /// <param name="expected">What was expected.</param>
    public bool TryParse(string text, out object? value, out string expected)
    {
        value = Parse(text);
        expected = Kind switch
        {
            OptionKind.Flag => "true or false",
            OptionKind.Number => "a whole number",
            OptionKind.Duration => "a time span like 00:00:15 or 1.00:00:00",
            OptionKind.Choice => Choices,
            OptionKind.Url => "an absolute URL",
            _ => "no text",
        };
        return value is not null;
    }

    /// <summary>The same option, of a group that another type of options has.</summary>
    internal OptionEntry Under(PropertyInfo group) =>
        new(Property, $"{group.Name}.{Name}", options => _ownerOf(group.GetValue(options)!));

    internal void Copy(object from, object to)
    {
        if (Property.SetMethod is { IsPublic: true })
        {
            Set(to, Get(from));
        }
        else if (Get(from) is IList items && Get(to) is IList list)
        {
            foreach (var item in items)
            {
                list.Add(item);
            }
        }
    }

    private object? Parse(string text) => Kind switch
    {
        OptionKind.Flag => bool.TryParse(text, out var flag) ? flag : null,
        OptionKind.Number => ParseNumber(text),
        OptionKind.Duration => ParseDuration(text),
        OptionKind.Choice => ParseChoice(text),
        OptionKind.Url => Uri.TryCreate(text, UriKind.Absolute, out var url) ? url : null,
        OptionKind.Text or OptionKind.Path => text,
        _ => null,
    };

    private static OptionKind KindOf(Type type, OptionRuleAttribute? rule) =>
        type == typeof(bool) ? OptionKind.Flag
        : type == typeof(int) || type == typeof(long) ? OptionKind.Number
        : type == typeof(TimeSpan) ? OptionKind.Duration
        : type == typeof(Uri) ? OptionKind.Url
        : type.IsEnum ? OptionKind.Choice
        : type == typeof(string) ? rule is OptionPathAttribute ? OptionKind.Path : OptionKind.Text
        : type == typeof(IList<string>) ? OptionKind.List
        : OptionKind.Structured;

    // Typed apart, as a number that is boxed as the other type is no value of the property.
    private object? ParseNumber(string text)
    {
        const NumberStyles Style = NumberStyles.AllowLeadingSign;
        var culture = CultureInfo.InvariantCulture;
        return ValueType == typeof(int)
            ? int.TryParse(text, Style, culture, out var number) ? number : null
            : long.TryParse(text, Style, culture, out var large) ? large : null;
    }

    // A bare number would be days, and so would, without the exact format, the 24 of 24:00:00.
    private static TimeSpan? ParseDuration(string text) => text.Contains(':', StringComparison.Ordinal)
        && TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out var duration) ? duration : null;

    // By name: the parser of enumerations takes numbers too.
    private object? ParseChoice(string text) =>
        Enum.GetNames(ValueType).Contains(text, StringComparer.OrdinalIgnoreCase)
            ? Enum.Parse(ValueType, text, ignoreCase: true)
            : null;
}
