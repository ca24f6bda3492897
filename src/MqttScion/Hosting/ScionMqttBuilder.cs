using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MqttScion.Scion;
using Polly;

namespace MqttScion;

/// <summary>What can be said about a client that <c>AddScionMqtt</c> added.</summary>
public sealed class ScionMqttBuilder
{
    internal ScionMqttBuilder(IServiceCollection services, string name) => (Services, Name) = (services, name);

    /// <summary>The services to which the client was added.</summary>
    public IServiceCollection Services { get; }

    /// <summary>The client's name: of its options and its keyed service. Empty for the default client.</summary>
    public string Name { get; }

    /// <summary>Filters and orders the paths to the server.</summary>
    public ScionMqttBuilder WithPathPolicy(IPathPolicy policy)
    {
        Services.Configure<ScionMqttClientOptions>(Name, o => o.Scion.PathPolicy = policy);
        return this;
    }

    /// <summary>Replaces the pipeline that makes a lost connection again.</summary>
    public ScionMqttBuilder WithFailover(Action<ResiliencePipelineBuilder> configure)
    {
        Services.Configure<ScionMqttClientOptions>(Name, o => o.Failover = configure);
        return this;
    }

    /// <summary>
    /// Connects when the host starts, in the background and until it succeeds, and disconnects when the host stops:
    /// before any hosted service starts, and after all have stopped, so that those can still publish. The disconnect
    /// takes 2 s at most, and no longer than the host's shutdown timeout.
    /// </summary>
    /// <remarks>After a refusal too it goes on, unless <see cref="ScionMqttClientOptions.OnRefusal"/> is Stop; then
    /// <c>ConnectAsync</c> starts the client again. What no attempt can mend fails the start of the host: the
    /// library for TLS is missing, or a certificate, key or password file can't be read or used.</remarks>
    public ScionMqttBuilder AsHostedService()
    {
        if (!Services.Any(d => d.ServiceType == typeof(ScionMqttHostedService) && Equals(d.ServiceKey, Name)))
        {
            Services.AddKeyedSingleton(Name, (provider, _) =>
                new ScionMqttHostedService(
                    () => provider.GetRequiredKeyedService<ScionMqttClient>(Name),
                    provider.GetService<IHostApplicationLifetime>()));
            Services.AddSingleton<IHostedService>(
                provider => provider.GetRequiredKeyedService<ScionMqttHostedService>(Name));
        }
        return this;
    }

    /// <summary>Adds a health check of this client: <see cref="ScionMqttHealthChecksBuilderExtensions"/> says what it
    /// tells.</summary>
    /// <param name="tolerance">For how long a client may connect before that is unhealthy; default 30 s.</param>
    /// <param name="tags">Tags by which health endpoints filter.</param>
    public ScionMqttBuilder AddHealthCheck(TimeSpan? tolerance = null, IEnumerable<string>? tags = null)
    {
        Services.AddHealthChecks().AddScionMqtt(Name, tolerance, tags: tags);
        return this;
    }
}
