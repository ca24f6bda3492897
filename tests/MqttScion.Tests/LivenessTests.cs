using MqttScion.Mqtt;
using MqttScion.Proxy.Tests.Support;
using MqttScion.Tests.Support;

namespace MqttScion.Tests;

/// <summary>
/// The ways a connection dies, and what ConnectionStates says of each. The bounds: see the remarks of
/// <see cref="ScionMqttClientOptions"/>.
/// </summary>
public sealed class LivenessTests : ScriptedBrokerTests
{
    [Fact]
    public async Task Broker_that_falls_silent_behind_a_living_proxy_misses_the_PINGRESP_deadline()
    {
        await using var client = Client(o =>
        {
            o.KeepAlivePeriod = TimeSpan.FromSeconds(1);
            o.PingResponseTimeout = TimeSpan.FromMilliseconds(500);
        });
        using var silent = await ConnectAsync(client); // It reads nothing and says nothing: a frozen process.

        var cause = await CauseAsync(client);

        cause.Should().BeOfType<MqttSessionEndedException>().Which.End.Cause
            .Should().Be(MqttSessionEndCause.PingTimeout);
    }

    [Fact]
    public async Task Publisher_that_never_falls_silent_notices_a_frozenBroker_all_the_same()
    {
        await using var client = Client(o =>
        {
            o.KeepAlivePeriod = TimeSpan.FromSeconds(1);
            o.PingResponseTimeout = TimeSpan.FromMilliseconds(500);
            o.OutboxOverflow = OutboxOverflow.DropNewest;
        });
        using var silent = await ConnectAsync(client);
        using var stop = new CancellationTokenSource();
        var publishing = Task.Run(async () =>
        {
            while (true)
            {
                await client.PublishAsync(Messages.Of("t", "x"), stop.Token);
            }
        });

        var cause = await CauseAsync(client);
        await stop.CancelAsync();
        await FluentActions.Awaiting(() => publishing.WaitAsync(Patience))
            .Should().ThrowAsync<OperationCanceledException>();

        cause.Should().BeOfType<MqttSessionEndedException>().Which.End.Cause
            .Should().Be(MqttSessionEndCause.PingTimeout);
    }

    [Fact]
    public async Task Server_keep_alive_replaces_ours()
    {
        await using var client = Client(o =>
        {
            o.KeepAlivePeriod = TimeSpan.FromHours(1);
            o.PingResponseTimeout = TimeSpan.FromMilliseconds(500);
        });
        using var silent = await ConnectAsync(client, p => p.Add(MqttPropertyId.ServerKeepAlive, 1));

        var cause = await CauseAsync(client);

        cause.Should().BeOfType<MqttSessionEndedException>().Which.End.Cause
            .Should().Be(MqttSessionEndCause.PingTimeout);
    }

    [Fact]
    public async Task Broker_that_ends_its_stream_is_told_by_the_proxys_code()
    {
        await using var client = Client();
        var connection = await ConnectAsync(client);
        var cause = CauseAsync(client);

        connection.Dispose();

        (await cause).Should().BeOfType<QuicConnectionException>().Which.Close.ErrorCode
            .Should().Be(ProxyErrorCodes.BrokerConnectionLost);
    }

    [Fact]
    public async Task Broker_that_says_goodbye_is_quoted()
    {
        await using var client = Client();
        using var connection = await ConnectAsync(client);
        var cause = CauseAsync(client);
        var properties = new MqttProperties();
        properties.Add(MqttPropertyId.ReasonString, "maintenance");

        await connection.SendAsync(new MqttDisconnectPacket(MqttPacketType.Disconnect, 0x8B, properties));

        var error = (await cause).Should().BeOfType<MqttSessionEndedException>().Which;
        error.ReasonCode.Should().Be(MqttDisconnectReasonCode.ServerShuttingDown);
        error.Message.Should().Contain("maintenance");
    }

    [Fact]
    public async Task Broker_that_breaks_the_protocol_is_left_with_the_rule()
    {
        await using var client = Client();
        using var connection = await ConnectAsync(client);
        var cause = CauseAsync(client);

        await connection.SendAckAsync(MqttPacketType.PubAck, 77);

        (await cause).Should().BeOfType<MqttSessionEndedException>().Which.End.Cause
            .Should().Be(MqttSessionEndCause.ProtocolError);
    }

    [Fact]
    public async Task Proxy_that_vanishes_is_noticed_by_QUICs_idle_time()
    {
        World.Proxy.LocalEndPoint.TryGetIPEndPoint(out var proxy).Should().BeTrue();
        using var relay = new NatRelay(proxy!);
        await using var client = Client(o =>
        {
            o.Scion.PathSource = new RelayedPathSource(o.Scion.PathSource!, relay.Inside);
            o.IdleTimeout = TimeSpan.FromSeconds(1);
            o.KeepAlivePeriod = TimeSpan.FromHours(1);
        });
        using var connection = await ConnectAsync(client);
        var cause = CauseAsync(client);

        relay.Dispose(); // From here on datagrams go nowhere, in both directions.

        (await cause).Should().BeOfType<QuicConnectionException>().Which.Close.Kind
            .Should().Be(MqttScion.Quic.QuicCloseKind.IdleTimeout);
    }

    [Fact]
    public async Task Broker_that_never_answers_the_CONNECT_fails_the_attempt_in_time()
    {
        await using var client = Client(o => o.ConnectTimeout = TimeSpan.FromMilliseconds(300));

        var act = () => client.ConnectAsync().WaitAsync(Patience);

        (await act.Should().ThrowAsync<MqttSessionEndedException>()).Which.End.Cause
            .Should().Be(MqttSessionEndCause.ConnectTimeout);
    }

    private static async Task<Exception> CauseAsync(ScionMqttClient client) =>
        (await client.ConnectionStates.Collect().NextAsync<ConnectionState, ConnectionState.Reconnecting>()).Cause;
}
