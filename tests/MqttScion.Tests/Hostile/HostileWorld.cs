using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using MqttScion.Mqtt;
using MqttScion.Proxy.Tests.Support;
using MqttScion.Tests.Support;

namespace MqttScion.Tests.Hostile;

/// <summary>
/// One client that comes back again and again to a broker that breaks the rules, with a QoS 1 and a QoS 2 publish that
/// nobody answers: they come again on each connection, and are there at the end.
/// </summary>
/// <remarks>
/// The client subscribed to <c>in/#</c>; it holds messages of <c>in/hold</c> until the connection is over. It takes
/// packets of 1024 bytes, two topic aliases, and three messages at a time.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "xunit disposes it through IAsyncLifetime.")]
public sealed class HostileWorld : IAsyncLifetime
{
    private static readonly TimeSpan Patience = ScriptedConnection.Patience;

    private readonly ScriptedBroker _broker = new();
    private readonly SemaphoreSlim _hold = new(0);
    private SameAsWorld _world = null!;
    private ScionMqttClient _client = null!;
    private ChannelReader<ConnectionState> _states = null!;
    private Task<MqttClientPublishResult> _first = null!;
    private Task<MqttClientPublishResult> _second = null!;

    /// <summary>The packet identifiers of the two publishes.</summary>
    internal (ushort First, ushort Second) Pending { get; private set; }

    internal ChannelReader<MessageDropped> Dropped { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        _world = new SameAsWorld(_broker.Address);
        _client = _world.Client("c", o =>
        {
            o.ReconnectDelay = TimeSpan.FromMilliseconds(1);
            o.MaxReconnectDelay = TimeSpan.FromMilliseconds(10);
            o.MaximumPacketSize = 1024;
            o.TopicAliasMaximum = 2;
            o.ReceiveMaximum = 3;
        });
        _states = _client.ConnectionStates.Collect();
        Dropped = _client.DroppedMessages.Collect();
        _client.Messages(Messages.Filter("in/#", qos: 2)).Subscribe(m =>
        {
            if (m.Topic == "in/hold")
            {
                _hold.Wait(Patience);
            }
        });
        var connecting = _client.ConnectAsync();
        using var connection = await _broker.AcceptAsync(isSessionPresent: false);
        await connecting.WaitAsync(Patience);
        await connection.GrantAsync();
        _first = _client.PublishAsync(Messages.Of("pending", "1", qos: 1)).AsTask();
        var first = await connection.ReadAsync<MqttPublishPacket>();
        _second = _client.PublishAsync(Messages.Of("pending", "2", qos: 2)).AsTask();
        var second = await connection.ReadAsync<MqttPublishPacket>();
        Pending = (first.PacketId, second.PacketId);
    }

    /// <summary>Nothing that the broker did has cost a publish.</summary>
    public async Task DisposeAsync()
    {
        using (var connection = await ConnectAsync())
        {
            await connection.SendAckAsync(MqttPacketType.PubAck, Pending.First);
            await connection.SendAckAsync(MqttPacketType.PubRec, Pending.Second);
            await connection.ReadAckAsync(MqttPacketType.PubRel, Pending.Second);
            await connection.SendAckAsync(MqttPacketType.PubComp, Pending.Second);
            (await _first.WaitAsync(Patience)).IsSuccess.Should().BeTrue();
            (await _second.WaitAsync(Patience)).IsSuccess.Should().BeTrue();
        }
        await _client.DisposeAsync();
        await _world.DisposeAsync();
        _broker.Dispose();
        _hold.Dispose();
    }

    /// <summary>Takes the client's next connection, before the CONNACK.</summary>
    internal async Task<ScriptedConnection> AcceptAsync()
    {
        var connection = await _broker.AcceptAsync();
        connection.Connect = await connection.ReadAsync<MqttConnectPacket>();
        return connection;
    }

    /// <summary>Takes the client's next connection, up to where both publishes have come again.</summary>
    internal async Task<ScriptedConnection> ConnectAsync()
    {
        var connection = await AcceptAsync();
        ForgetStates();
        await connection.SendAsync(new MqttConnAckPacket(true, 0));
        foreach (var id in new[] { Pending.First, Pending.Second })
        {
            (await connection.ReadAsync<MqttPublishPacket>()).Should().Match<MqttPublishPacket>(
                p => p.PacketId == id && p.Dup && p.Message.Topic == "pending");
        }
        await _states.NextAsync<ConnectionState, ConnectionState.Connected>();
        return connection;
    }

    /// <summary>Why the client left the connection, or failed to make it.</summary>
    internal async Task<Exception> CauseAsync() =>
        (await _states.NextAsync<ConnectionState, ConnectionState.Reconnecting>()).Cause;

    /// <summary>Forgets the states so far.</summary>
    internal void ForgetStates()
    {
        while (_states.TryRead(out _))
        {
            // Of the connection before.
        }
    }

    internal void LetGo() => _hold.Release();
}
