using Microsoft.Extensions.Diagnostics.HealthChecks;
using MqttScion;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds health checks of clients.</summary>
/// <remarks>
/// Healthy while connected. Degraded while the client connects, for the first time or again, for less than a tolerance.
/// Unhealthy when it takes longer, and at once when the client has given up or was never told to connect. The data say
/// <c>state</c>, and as far as there are any <c>server</c>, <c>path</c>, <c>attempt</c>, <c>outage</c> and
/// <c>cause</c>; nothing secret.
/// </remarks>
public static class ScionMqttHealthChecksBuilderExtensions
{
    /// <summary>Adds a health check of a client that <c>AddScionMqtt</c> added.</summary>
    /// <param name="builder">The health checks.</param>
    /// <param name="clientName">The client's name; null or empty for the default client.</param>
    /// <param name="tolerance">For how long a client may connect before that is unhealthy; default 30 s.</param>
    /// <param name="checkName">The check's name; null for <c>MqttScion</c> or <c>MqttScion:</c> and the client's name.
    /// </param>
    /// <param name="failureStatus">What is reported as unhealthy; null for Unhealthy.</param>
    /// <param name="tags">Tags by which health endpoints filter.</param>
    public static IHealthChecksBuilder AddScionMqtt(
        this IHealthChecksBuilder builder,
        string? clientName = null,
        TimeSpan? tolerance = null,
        string? checkName = null,
        HealthStatus? failureStatus = null,
        IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var client = clientName ?? Options.Options.DefaultName;
        var longest = tolerance ?? TimeSpan.FromSeconds(30);
        ArgumentOutOfRangeException.ThrowIfLessThan(longest, TimeSpan.Zero, nameof(tolerance));
        var name = checkName ?? (client.Length == 0 ? MqttTelemetry.Name : $"{MqttTelemetry.Name}:{client}");
        return builder.Add(new HealthCheckRegistration(
            name,
            provider => new ScionMqttHealthCheck(provider.GetRequiredKeyedService<ScionMqttClient>(client), longest),
            failureStatus,
            tags));
    }
}
