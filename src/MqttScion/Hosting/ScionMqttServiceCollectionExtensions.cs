using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MqttScion;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds MqttScion to a service collection.</summary>
/// <remarks>
/// Without a name: the one <see cref="IScionMqttClient"/> of the application. With a name: a client of its own, with
/// options and a connection of its own, as a keyed service: <c>[FromKeyedServices("name")] IScionMqttClient</c>. Each
/// is a singleton. Its options are validated when the host starts, or when the client is first resolved; they are read
/// once. What several calls with the same name say adds up, in their order.
/// </remarks>
public static class ScionMqttServiceCollectionExtensions
{
    /// <summary>Adds the default client.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options.</param>
    public static ScionMqttBuilder AddScionMqtt(
        this IServiceCollection services, Action<ScionMqttClientOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return Add(services, Options.Options.DefaultName, (_, options) => configure(options));
    }

    /// <summary>Adds the default client.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options, with services at hand: an outbox store, a path source.</param>
    public static ScionMqttBuilder AddScionMqtt(
        this IServiceCollection services, Action<IServiceProvider, ScionMqttClientOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return Add(services, Options.Options.DefaultName, configure);
    }

    /// <summary>Adds the default client, with the options of a section of the configuration.</summary>
    /// <param name="services">The services.</param>
    /// <param name="section">Its keys are the names of the options; docs/observability.md lists them. A key that is no
    /// option and a value that can't be read fail the start of the host; the text names key and section. Paths of files
    /// are relative to the host's content root, without a host to the working directory. The will,
    /// the authenticator, the outbox store and others that are objects are set in code.</param>
    public static ScionMqttBuilder AddScionMqtt(this IServiceCollection services, IConfiguration section)
    {
        ArgumentNullException.ThrowIfNull(section);
        return Add(services, Options.Options.DefaultName, Bind(section, Options.Options.DefaultName));
    }

    /// <summary>Adds a client with a name.</summary>
    /// <param name="services">The services.</param>
    /// <param name="name">The key of the service.</param>
    /// <param name="configure">Sets the options.</param>
    public static ScionMqttBuilder AddScionMqtt(
        this IServiceCollection services, string name, Action<ScionMqttClientOptions> configure)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(configure);
        return Add(services, name, (_, options) => configure(options));
    }

    /// <summary>Adds a client with a name.</summary>
    /// <param name="services">The services.</param>
    /// <param name="name">The key of the service.</param>
    /// <param name="configure">Sets the options, with services at hand: an outbox store, a path source.</param>
    public static ScionMqttBuilder AddScionMqtt(
        this IServiceCollection services, string name, Action<IServiceProvider, ScionMqttClientOptions> configure)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(configure);
        return Add(services, name, configure);
    }

    /// <summary>Adds a client with a name, with the options of a section of the configuration.</summary>
    /// <param name="services">The services.</param>
    /// <param name="name">The key of the service.</param>
    /// <param name="section">As for the default client.</param>
    public static ScionMqttBuilder AddScionMqtt(this IServiceCollection services, string name, IConfiguration section)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(section);
        return Add(services, name, Bind(section, name));
    }

    private static ScionMqttBuilder Add(
        IServiceCollection services, string name, Action<IServiceProvider, ScionMqttClientOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<ScionMqttClientOptions>(name)
            .Configure<IServiceProvider>((options, provider) => configure(provider, options))
            .ValidateOnStart();
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<ScionMqttClientOptions>, ScionMqttOptionsValidator>());
        services.TryAddSingleton(provider =>
            provider.GetService<IMeterFactory>() is { } factory ? new MqttMetrics(factory) : MqttMetrics.Shared);
        services.TryAddKeyedSingleton(name, (provider, _) => new ScionMqttClient(
            provider.GetRequiredService<IOptionsMonitor<ScionMqttClientOptions>>().Get(name),
            provider.GetService<ILoggerFactory>(),
            provider.GetService<TimeProvider>(),
            provider.GetRequiredService<MqttMetrics>(),
            name));
        services.TryAddKeyedSingleton<IScionMqttClient>(
            name, (provider, _) => provider.GetRequiredKeyedService<ScionMqttClient>(name));
        if (name == Options.Options.DefaultName)
        {
            services.TryAddSingleton(provider => provider.GetRequiredKeyedService<ScionMqttClient>(name));
            services.TryAddSingleton<IScionMqttClient>(provider => provider.GetRequiredService<ScionMqttClient>());
        }
        return new ScionMqttBuilder(services, name);
    }

    private static Action<IServiceProvider, ScionMqttClientOptions> Bind(IConfiguration section, string name) =>
        (provider, options) => ConfigurationReader.Apply(
            section, options, name, provider.GetService<IHostEnvironment>()?.ContentRootPath);
}
