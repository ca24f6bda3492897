using Microsoft.Extensions.Options;

namespace MqttScion;

/// <summary>Runs <see cref="ScionMqttClientOptions.Validate"/> when the host starts.</summary>
internal sealed class ScionMqttOptionsValidator : IValidateOptions<ScionMqttClientOptions>
{
    public ValidateOptionsResult Validate(string? name, ScionMqttClientOptions options)
    {
        var faults = options.Validate();
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
