namespace MqttScion.Options;

/// <summary>Declares beside an option which values it takes. Each rule of values is one type.</summary>
[AttributeUsage(AttributeTargets.Property)]
public abstract class OptionRuleAttribute : Attribute
{
    /// <summary>True when the option must be set.</summary>
    public bool IsRequired { get; set; }

    /// <summary>What is wrong with a value: what was expected and what came, without the option's name; null when
    /// nothing is.</summary>
    /// <param name="value">The value; null only where <see cref="IsRequired"/>.</param>
    public abstract string? FindFault(object? value);
}
