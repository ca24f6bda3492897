using Microsoft.Extensions.Options;

namespace MqttScion;

/// <summary>Runs <see cref="ScionMqttClientOptions.Validate"/> when the host starts.</summary>
internal sealed class ScionMqttOptionsValidator : IValidateOptions<ScionMqttClientOptions>
{
    public ValidateOptionsResult Validate(string? name, ScionMqttClientOptions options)
    {
        var place = options.Section is { } section ? $" (Section '{section}'.)" : "";
        var faults = options.Validate().Select(fault => fault + place).ToList();
        return faults.Count == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(faults.Select(fault => Named(name, fault)));
    }

    /// <summary>The fault, with the client's name if it has one.</summary>
    public static string Named(string? name, string fault) =>
        string.IsNullOrEmpty(name) ? fault : $"Client '{name}': {fault}";
}
