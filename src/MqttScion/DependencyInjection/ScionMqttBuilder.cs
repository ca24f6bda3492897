using Microsoft.Extensions.DependencyInjection;
using MqttScion.Scion;
using Polly;

namespace MqttScion;

/// <summary>What can be said about a client that <c>AddScionMqtt</c> added.</summary>
public sealed class ScionMqttBuilder
{
    internal ScionMqttBuilder(IServiceCollection services) => Services = services;

    /// <summary>The services to which the client was added.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Filters and orders the paths to the server.</summary>
    public ScionMqttBuilder WithPathPolicy(IPathPolicy policy)
    {
        Services.Configure<ScionMqttClientOptions>(o => o.Scion.PathPolicy = policy);
        return this;
    }

    /// <summary>Replaces the pipeline that makes a lost connection again.</summary>
    public ScionMqttBuilder WithFailover(Action<ResiliencePipelineBuilder> configure)
    {
        Services.Configure<ScionMqttClientOptions>(o => o.Failover = configure);
        return this;
    }

    /// <summary>
    /// Connects when the host starts, in the background and until it succeeds, and disconnects when the host stops.
    /// </summary>
    public ScionMqttBuilder AsHostedService()
    {
        Services.AddHostedService<ScionMqttHostedService>();
        return this;
    }
}
