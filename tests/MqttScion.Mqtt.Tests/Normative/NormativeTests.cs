namespace MqttScion.Mqtt.Tests;

/// <summary>The normative statements of MQTT 5 that concern a client: each test is named for the identifier of its
/// statement. <see cref="NormativeTableTests"/> says which there are.</summary>
public partial class NormativeTests
{
    private const MqttDisconnectReasonCode Malformed = MqttDisconnectReasonCode.MalformedPacket;
    private const MqttDisconnectReasonCode Protocol = MqttDisconnectReasonCode.ProtocolError;

    private static readonly MqttSessionOptions _resuming =
        new() { ClientId = "c", CleanStart = false, SessionExpiryInterval = TimeSpan.FromHours(1) };

    /// <summary>A connected session ends with a DISCONNECT of this code when these bytes come.</summary>
    private static void Refuses(
        string hex, MqttDisconnectReasonCode code, string reasonPart, MqttSessionOptions? options = null)
    {
        var server = ScriptedServer.Connected(options: options);
        server.SayHex(hex);
        CheckFailed(server, code, reasonPart);
    }

    private static void CheckFailed(ScriptedServer server, MqttDisconnectReasonCode code, string reasonPart) =>
        server.CheckFailed(
            code == Malformed ? MqttSessionEndCause.MalformedPacket : MqttSessionEndCause.ProtocolError, code,
            reasonPart);

    private static string Hex(ScriptedServer server)
    {
        var hex = Convert.ToHexString(server.Session.PendingOutput);
        server.Session.ConsumeOutput(server.Session.OutputBytes);
        return hex;
    }

    private static string ConnectHex(MqttSessionOptions options)
    {
        var server = new ScriptedServer(options);
        server.Session.Connect(server.Now);
        return Hex(server);
    }

    private static MqttConnectPacket Connect(MqttSessionOptions options) =>
        (MqttConnectPacket)AnyPacket.Read(Convert.FromHexString(ConnectHex(options)));

    /// <summary>The connect flags: the 10th byte of a short CONNECT.</summary>
    private static int ConnectFlags(MqttSessionOptions options) => Convert.FromHexString(ConnectHex(options))[9];

    private static MqttPublishPacket SentPublish(ScriptedServer server) => (MqttPublishPacket)server.Sent().Single();

    private static ScriptedServer Resumed(
        ScriptedServer former, bool isSessionPresent = true, Action<MqttProperties>? connAck = null)
    {
        former.Session.OnTransportClosed("cut");
        return ScriptedServer.Connected(
            connAck, _resuming with { Inflight = former.Session.TakeInflight() }, isSessionPresent);
    }

    private static void RefusesPublish(MqttApplicationMessage message, string rule, ScriptedServer? server = null)
    {
        server ??= ScriptedServer.Connected();
        server.Session.Publish(message, server.Now);
        var result = server.OnlyEvent().PublishResult!;
        result.IsSuccess.Should().BeFalse();
        result.ReasonString.Should().Contain(rule);
        server.Sent().Should().BeEmpty();
    }

    private static void RefusesOptions(MqttSessionOptions options) =>
        FluentActions.Invoking(() => new MqttSession(options)).Should().Throw<ArgumentException>();
}
