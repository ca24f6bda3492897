using System.Globalization;
using System.Numerics;
using Microsoft.Extensions.Configuration;

namespace MqttScion;

/// <summary>
/// Reads one value of the configuration. What can't be read is null and a fault, which names the key, what was expected
/// and what came.
/// </summary>
/// <param name="section">The value with its key.</param>
/// <param name="faults">Where faults go.</param>
/// <param name="root">The directory to which paths are relative; null for the working directory.</param>
internal readonly struct ConfigurationValue(IConfigurationSection section, List<string> faults, string? root)
{
    /// <summary>True for null and for an empty text.</summary>
    public bool IsNothing => string.IsNullOrEmpty(section.Value) && !section.GetChildren().Any();

    // A text may be a secret: no fault shows one. Null in the configuration leaves the default.
    public string? Text()
    {
        if (section.GetChildren().Any())
        {
            Expect("a value", "a section or a list");
            return null;
        }
        return section.Value;
    }

    /// <summary>The path of a file or directory.</summary>
    public string? FilePath() =>
        Text() is { Length: > 0 } text && root is not null ? Path.GetFullPath(text, root) : Text();

    public int? Integer() => Number<int>();

    public long? Long() => Number<long>();

    public bool? Flag() => bool.TryParse(Text(), out var flag) ? flag : Refuse<bool>("true or false");

    // A bare number would be days, and so would, without the exact format, the 24 of 24:00:00.
    public TimeSpan? Duration() => Text() is { } text && text.Contains(':', StringComparison.Ordinal)
        && TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out var duration)
            ? duration
            : Refuse<TimeSpan>("a time span like 00:00:15 or 1.00:00:00");

    public Uri? Url()
    {
        if (Uri.TryCreate(Text(), UriKind.Absolute, out var url))
        {
            return url;
        }
        if (section.Value is { } text)
        {
            Expect("an absolute URL", $"'{text}'");
        }
        return null;
    }

    public T? Choice<T>()
        where T : struct, Enum
    {
        var text = Text();
        var names = Enum.GetNames<T>();
        return names.Contains(text, StringComparer.OrdinalIgnoreCase)
            ? Enum.Parse<T>(text!, ignoreCase: true)
            : Refuse<T>("one of " + string.Join(", ", names));
    }

    /// <summary>Reads each item of a list.</summary>
    public void Items(Action<ConfigurationValue> read)
    {
        if (!string.IsNullOrEmpty(section.Value))
        {
            Expect("a list", "a value");
        }
        foreach (var item in section.GetChildren())
        {
            read(new ConfigurationValue(item, faults, root));
        }
    }

    /// <summary>Reads a member of an item, which must be there.</summary>
    public string? Member(string name)
    {
        var value = section[name];
        if (value is null)
        {
            Expect("Name and Value", $"no {name}");
        }
        return value;
    }

    private T? Number<T>()
        where T : struct, INumber<T> =>
        T.TryParse(Text(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : Refuse<T>("a whole number");

    private T? Refuse<T>(string expected)
        where T : struct
    {
        if (section.Value is { } value)
        {
            Expect(expected, $"'{value}'");
        }
        return null;
    }

    private void Expect(string expected, string found) =>
        faults.Add($"{section.Path}: expected {expected}, found {found}.");
}
