using Microsoft.Extensions.Configuration;
using MqttScion.Options;

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

    /// <summary>The value of an option; null when there is none, or none that can be read.</summary>
    public object? Read(OptionEntry option)
    {
        if (Text() is not { } text)
        {
            return null;
        }
        if (option.Kind == OptionKind.Path && text.Length > 0 && root is not null)
        {
            return Path.GetFullPath(text, root);
        }
        if (!option.TryParse(text, out var value, out var expected))
        {
            Expect(expected, $"'{text}'");
        }
        return value;
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

    private void Expect(string expected, string found) =>
        faults.Add($"{section.Path}: expected {expected}, found {found}.");
}
