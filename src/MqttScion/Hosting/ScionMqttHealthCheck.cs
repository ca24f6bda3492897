using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MqttScion;

/// <summary>Says how a client's connection is.</summary>
/// <param name="client">The client.</param>
/// <param name="tolerance">For how long it may connect before that is unhealthy.</param>
internal sealed class ScionMqttHealthCheck(ScionMqttClient client, TimeSpan tolerance) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        var (state, outage, path) = client.Watch.Read();
        var failure = context.Registration.FailureStatus;
        var status = state switch
        {
            ConnectionState.Connected => HealthStatus.Healthy,
            ConnectionState.Disconnected => failure,
            _ => outage < tolerance ? HealthStatus.Degraded : failure,
        };
        var data = new Dictionary<string, object> { ["state"] = state.GetType().Name };
        AddIfAny(data, "server", client.Server);
        AddIfAny(data, "path", path?.ToString());
        AddIfAny(data, "outage", state is ConnectionState.Connected ? null : outage);
        var (attempt, cause) = state switch
        {
            ConnectionState.Connecting c => (c.Attempt, c.Cause),
            ConnectionState.Reconnecting r => (r.Attempt, r.Cause),
            ConnectionState.Disconnected d => ((int?)null, d.Reason),
            _ => (null, null),
        };
        AddIfAny(data, "attempt", attempt);
        AddIfAny(data, "cause", cause?.Message);
        return Task.FromResult(new HealthCheckResult(status, Describe(state, outage), cause, data));
    }

    private static string Describe(ConnectionState state, TimeSpan outage) => state switch
    {
        ConnectionState.Connected => "Connected.",
        ConnectionState.Disconnected { Reason: null } => "Not connected, and not connecting.",
        ConnectionState.Disconnected { Reason: { } reason } => $"Not connected any more: {reason.Message}",
        ConnectionState.Connecting { Cause: { } cause } =>
            $"Connecting for {outage.TotalSeconds:0} s: {cause.Message}",
        ConnectionState.Reconnecting { Cause: { } cause } =>
            $"Connecting for {outage.TotalSeconds:0} s: {cause.Message}",
        _ => $"Connecting for {outage.TotalSeconds:0} s.",
    };

    private static void AddIfAny(Dictionary<string, object> data, string name, object? value)
    {
        if (value is not null)
        {
            data[name] = value;
        }
    }
}
