using System.Diagnostics.CodeAnalysis;

namespace MqttScion.Options;

/// <summary>Declares that a property holds options, which stand in the table of its owner under its name.</summary>
[AttributeUsage(AttributeTargets.Property)]
public abstract class OptionGroupAttribute : Attribute
{
    private protected OptionGroupAttribute()
    {
    }

    internal abstract OptionTable Table { get; }
}

/// <summary>Declares that a property holds options of a type.</summary>
/// <typeparam name="T">The type.</typeparam>
public sealed class OptionGroupAttribute<[DynamicallyAccessedMembers(OptionTable.Needed)] T> : OptionGroupAttribute
    where T : class
{
    internal override OptionTable Table => OptionTable.Of<T>();
}
