namespace MqttScion.Options;

/// <summary>An option that is text, of any form; what derives from it knows one.</summary>
public class OptionTextAttribute : OptionRuleAttribute
{
    /// <inheritdoc/>
    public sealed override string? FindFault(object? value) => FaultOf(value as string ?? "");

    /// <summary>What is wrong with a text; null when nothing is. A secret is not shown.</summary>
    protected virtual string? FaultOf(string text) => null;
}
