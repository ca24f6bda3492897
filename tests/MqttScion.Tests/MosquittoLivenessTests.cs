using MqttScion.Mqtt;
using MqttScion.Proxy.Tests.Support;
using MqttScion.Tests.Support;

namespace MqttScion.Tests;

/// <summary>A real broker that freezes: its connections stay up, and so does the proxy.</summary>
public sealed class MosquittoLivenessTests
{
    private static readonly TimeSpan Patience = ScriptedConnection.Patience;

    [MosquittoTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Frozen_broker_behind_a_living_proxy_is_told_as_a_missed_PINGRESP(bool isPublishing)
    {
        await using var mosquitto = await Mosquitto.StartAsync();
        await using var world = new SameAsWorld(mosquitto.Address);
        await using var client = world.Client("c", o =>
        {
            o.KeepAlivePeriod = TimeSpan.FromSeconds(1);
            o.PingResponseTimeout = TimeSpan.FromMilliseconds(500);
            o.ConnectTimeout = TimeSpan.FromMilliseconds(500);
            o.IdleTimeout = TimeSpan.FromMinutes(1); // QUIC must not be what notices.
            o.ReconnectDelay = TimeSpan.FromMilliseconds(10);
            o.MaxReconnectDelay = TimeSpan.FromMilliseconds(10);
        });
        await client.ConnectAsync().WaitAsync(Patience);
        var states = client.ConnectionStates.Collect();

        await mosquitto.FreezeAsync();
        var pending = isPublishing
            ? client.PublishAsync(Messages.Of("t", "while frozen", qos: 1)).AsTask()
            : Task.CompletedTask;

        var lost = await states.NextAsync<ConnectionState, ConnectionState.Reconnecting>();
        lost.Cause.Should().BeOfType<MqttSessionEndedException>().Which.End.Should().Match<MqttSessionEnd>(
            end => end.Cause == MqttSessionEndCause.PingTimeout && end.Reason.Contains("PINGREQ"));
        await mosquitto.ThawAsync();
        await states.NextAsync<ConnectionState, ConnectionState.Connected>();
        await pending.WaitAsync(Patience);
    }
}
