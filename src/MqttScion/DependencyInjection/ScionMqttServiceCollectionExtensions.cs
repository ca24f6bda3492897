using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MqttScion;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds MqttScion to a service collection.</summary>
public static class ScionMqttServiceCollectionExtensions
{
    /// <summary>
    /// Adds a singleton <see cref="IScionMqttClient"/>. The options are validated when the host starts, or when the
    /// client is first resolved.
    /// </summary>
    public static ScionMqttBuilder AddScionMqtt(
        this IServiceCollection services,
        Action<ScionMqttClientOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptions<ScionMqttClientOptions>().Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<ScionMqttClientOptions>, ScionMqttOptionsValidator>());
        services.TryAddSingleton(provider => new ScionMqttClient(
            provider.GetRequiredService<IOptions<ScionMqttClientOptions>>().Value,
            provider.GetService<ILoggerFactory>(),
            provider.GetService<TimeProvider>()));
        services.TryAddSingleton<IScionMqttClient>(provider => provider.GetRequiredService<ScionMqttClient>());
        return new ScionMqttBuilder(services);
    }
}
