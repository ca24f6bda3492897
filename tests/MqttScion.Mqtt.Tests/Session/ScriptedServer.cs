namespace MqttScion.Mqtt.Tests;

/// <summary>The other end of a session, in virtual time: says what it is told to and decodes what the session
/// sends.</summary>
internal sealed class ScriptedServer
{
    private readonly MqttFrameAssembler _assembler = new(int.MaxValue);

    public ScriptedServer(MqttSessionOptions? options = null)
        : this(new MqttSession(options ?? new MqttSessionOptions { ClientId = "c" }))
    {
    }

    private ScriptedServer(MqttSession session) => Session = session;

    public MqttSession Session { get; }

    public TimeSpan Now { get; set; } = TimeSpan.FromHours(1);

    /// <summary>A session whose CONNACK with these properties was accepted and whose first events were taken.</summary>
    public static ScriptedServer Connected(
        Action<MqttProperties>? connAck = null, MqttSessionOptions? options = null, bool isSessionPresent = false)
    {
        var server = new ScriptedServer(options);
        server.Session.Connect(server.Now);
        server.Sent().Should().ContainSingle().Which.Should().BeOfType<MqttConnectPacket>();
        var properties = new MqttProperties();
        connAck?.Invoke(properties);
        server.Say(new MqttConnAckPacket(isSessionPresent, 0, properties));
        server.Session.TryGetEvent(out var e).Should().BeTrue();
        e.Kind.Should().Be(MqttEventKind.Connected);
        return server;
    }

    /// <summary>The other end of a further stream of the connection.</summary>
    public ScriptedServer OpenDataStream() => new(Session.OpenDataStream()) { Now = Now };

    public void Say(object packet) => Session.Receive(AnyPacket.Write(packet), Now);

    public void SayHex(string hex) => Session.Receive(Convert.FromHexString(hex), Now);

    public void SayPublish(
        string topic, ushort packetId = 0, int qos = 0, byte[]? payload = null, bool dup = false, ushort alias = 0) =>
        Say(new MqttPublishPacket(new MqttApplicationMessage { Topic = topic, Payload = payload ?? [] })
        {
            QoS = (MqttQualityOfServiceLevel)qos,
            PacketId = packetId,
            Dup = dup,
            TopicAlias = alias,
        });

    /// <summary>Takes the packets that the session has sent since the last call.</summary>
    public List<object> Sent()
    {
        var packets = new List<object>();
        var bytes = Session.PendingOutput.ToArray();
        ReadOnlySpan<byte> input = bytes;
        while (_assembler.TryTake(ref input, out var frame, out _) == MqttFrameStatus.Packet)
        {
            AnyPacket.TryRead(frame, out var packet, out var fault).Should().BeTrue(fault.Reason);
            packets.Add(packet);
        }
        Session.ConsumeOutput(bytes.Length);
        return packets;
    }

    public List<MqttEvent> Events()
    {
        var events = new List<MqttEvent>();
        while (Session.TryGetEvent(out var e))
        {
            events.Add(e);
        }
        return events;
    }

    public MqttEvent OnlyEvent() => Events().Should().ContainSingle().Subject;

    /// <summary>Lets time pass, firing each timeout when it is due.</summary>
    public void Advance(TimeSpan time)
    {
        var end = Now + time;
        while (Session.NextTimeout is { } due && due <= end)
        {
            Now = due;
            Session.OnTimeout(Now);
        }
        Now = end;
    }

    public int Publish(string topic, int qos = 0, byte[]? payload = null) =>
        Session.Publish(Message(topic, qos, payload), Now);

    public static MqttApplicationMessage Message(string topic, int qos = 0, byte[]? payload = null) =>
        new()
        {
            Topic = topic,
            QualityOfServiceLevel = (MqttQualityOfServiceLevel)qos,
            Payload = payload ?? [],
        };

    public void CheckFailed(MqttSessionEndCause cause, MqttDisconnectReasonCode code, string reasonPart)
    {
        var end = Events()[^1];
        end.Kind.Should().Be(MqttEventKind.Failed);
        end.End!.Cause.Should().Be(cause);
        end.End.ReasonCode.Should().Be(code);
        end.End.Reason.Should().Contain(reasonPart);
        Sent()[^1].Should().Be(new MqttDisconnectPacket(MqttPacketType.Disconnect, (byte)code));
        Session.State.Should().Be(MqttSessionState.Closed);
        Session.NextTimeout.Should().BeNull();
    }
}
