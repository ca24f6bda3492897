using System.Net;
using System.Net.Sockets;
using MqttScion.Mqtt;
using MqttScion.Mqtt.Tests;

namespace MqttScion.Testnet.Tests;

/// <summary>A TCP connection on which a test says and hears single packets.</summary>
internal sealed class RawMqttClient : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    private readonly TcpClient _tcp = new();
    private NetworkStream _stream = null!;
    private readonly MqttFrameAssembler _assembler = new(int.MaxValue);
    private readonly Queue<object> _packets = [];
    private readonly byte[] _buffer = new byte[64 << 10];

    public static async Task<RawMqttClient> OpenAsync(IPEndPoint endPoint)
    {
        var client = new RawMqttClient();
        await client._tcp.ConnectAsync(endPoint);
        client._stream = client._tcp.GetStream();
        return client;
    }

    /// <summary>Connects and checks that the CONNACK accepts.</summary>
    public static Task<RawMqttClient> ConnectAsync(
        PocketBroker broker, string clientId, bool cleanStart = true, uint expirySeconds = 0,
        ushort keepAliveSeconds = 0, Action<MqttProperties>? properties = null, MqttApplicationMessage? will = null,
        bool? isSessionPresent = null, uint willDelaySeconds = 0) =>
        ConnectAsync(broker.EndPoint, clientId, cleanStart, expirySeconds, keepAliveSeconds, properties, will,
            isSessionPresent, willDelaySeconds);

    /// <summary>Connects to any broker and checks that the CONNACK accepts.</summary>
    public static async Task<RawMqttClient> ConnectAsync(
        IPEndPoint endPoint, string clientId, bool cleanStart = true, uint expirySeconds = 0,
        ushort keepAliveSeconds = 0, Action<MqttProperties>? properties = null, MqttApplicationMessage? will = null,
        bool? isSessionPresent = null, uint willDelaySeconds = 0)
    {
        var client = await OpenAsync(endPoint);
        var own = new MqttProperties();
        own.Add(MqttPropertyId.SessionExpiryInterval, expirySeconds);
        properties?.Invoke(own);
        await client.SayAsync(new MqttConnectPacket
        {
            ClientId = clientId,
            CleanStart = cleanStart,
            KeepAliveSeconds = keepAliveSeconds,
            Properties = own,
            Will = will,
            WillDelaySeconds = willDelaySeconds,
        });
        var connAck = await client.HearAsync<MqttConnAckPacket>();
        connAck.ReasonCode.Should().Be(MqttClientConnectResultCode.Success);
        if (isSessionPresent is { } expected)
        {
            connAck.IsSessionPresent.Should().Be(expected);
        }
        return client;
    }

    public void Dispose() => _tcp.Dispose();

    /// <summary>Says goodbye and waits until the broker closed the connection, and so is done with it.</summary>
    public async Task LeaveAsync(byte reasonCode = 0, uint? expirySeconds = null)
    {
        var properties = new MqttProperties();
        if (expirySeconds is { } seconds)
        {
            properties.Add(MqttPropertyId.SessionExpiryInterval, seconds);
        }
        await SayAsync(new MqttDisconnectPacket(MqttPacketType.Disconnect, reasonCode, properties));
        await HearEndAsync();
    }

    /// <summary>Closes its side without a word and waits until the broker closed its own.</summary>
    public async Task VanishAsync()
    {
        _tcp.Client.Shutdown(SocketShutdown.Send);
        await HearEndAsync();
    }

    /// <summary>Says PUBACK, PUBREC, PUBREL or PUBCOMP.</summary>
    public Task AcknowledgeAsync(MqttPacketType type, ushort packetId, byte reasonCode = 0) =>
        SayAsync(new MqttAckPacket(type, packetId, reasonCode));

    /// <summary>The next packet as a line of text, see <see cref="PacketText"/>.</summary>
    public async Task<string> HearLineAsync() =>
        await TryHearAsync() is { } packet ? PacketText.Of(packet) : "END";

    public Task SayAsync(object packet) => SayBytesAsync(AnyPacket.Write(packet));

    public Task SayHexAsync(string hex) => SayBytesAsync(Convert.FromHexString(hex));

    public async Task SayBytesAsync(byte[] bytes)
    {
        using var timeout = new CancellationTokenSource(_patience);
        await _stream.WriteAsync(bytes, timeout.Token);
    }

    public Task PublishAsync(
        string topic,
        string payload = "",
        int qos = 0,
        ushort packetId = 0,
        bool retain = false,
        uint? expiry = null,
        bool dup = false) =>
        SayAsync(new MqttPublishPacket(Message(topic, payload, qos, retain, expiry))
        {
            PacketId = packetId,
            Dup = dup,
        });

    public static MqttApplicationMessage Message(
        string topic, string payload = "", int qos = 0, bool retain = false, uint? expiry = null) => new()
        {
            Topic = topic,
            Payload = System.Text.Encoding.UTF8.GetBytes(payload),
            QualityOfServiceLevel = (MqttQualityOfServiceLevel)qos,
            Retain = retain,
            MessageExpiryInterval = expiry,
        };

    public async Task<byte[]> SubscribeAsync(MqttTopicFilter filter, uint? identifier = null)
    {
        MqttProperties? properties = null;
        if (identifier is { } id)
        {
            properties = new MqttProperties();
            properties.Add(MqttPropertyId.SubscriptionIdentifier, id);
        }
        await SayAsync(new MqttSubscribePacket(11, [filter], properties));
        return (await HearAsync<MqttSubAckPacket>()).ReasonCodes;
    }

    /// <summary>The next packet, which must be of this type.</summary>
    public async Task<T> HearAsync<T>() => (await HearAnyAsync()).Should().BeOfType<T>().Subject;

    /// <summary>The next message, as topic and text.</summary>
    public async Task<string> HearTextAsync()
    {
        var message = (await HearAsync<MqttPublishPacket>()).Message;
        return $"{message.Topic}={message.ConvertPayloadToString()}";
    }

    /// <summary>Checks that nothing is on the way: what comes next is the answer to a PINGREQ.</summary>
    public async Task HearNothingAsync()
    {
        await SayAsync(MqttPacketType.PingReq);
        (await HearAnyAsync()).Should().Be(MqttPacketType.PingResp);
    }

    /// <summary>Checks that the broker closes the connection, after whatever it still sends.</summary>
    public async Task HearEndAsync()
    {
        while (await TryHearAsync() is not null)
        {
        }
    }

    public async Task<object> HearAnyAsync() =>
        await TryHearAsync() ?? throw new InvalidOperationException("The broker closed the connection.");

    private async Task<object?> TryHearAsync()
    {
        using var timeout = new CancellationTokenSource(_patience);
        while (_packets.Count == 0)
        {
            int count;
            try
            {
                count = await _stream.ReadAsync(_buffer, timeout.Token);
            }
            catch (IOException)
            {
                // A reset is an end too.
                return null;
            }
            if (count == 0)
            {
                return null;
            }
            TakePackets(_buffer.AsSpan(0, count));
        }
        return _packets.Dequeue();
    }

    private void TakePackets(ReadOnlySpan<byte> bytes)
    {
        while (_assembler.TryTake(ref bytes, out var frame, out _) == MqttFrameStatus.Packet)
        {
            AnyPacket.TryRead(frame, out var packet, out var fault).Should().BeTrue(fault.Reason);
            _packets.Enqueue(packet);
        }
    }
}
