namespace MqttScion.Mqtt;

/// <summary>What an <see cref="MqttSession"/> asks for in its CONNECT, and its own limits.</summary>
/// <remarks>
/// The memory that a server can make the session hold is about <see cref="ReceiveMaximum"/> ×
/// <see cref="MaximumPacketSize"/>, plus the QoS 0 messages of one <see cref="MqttSession.Receive"/>.
/// </remarks>
public sealed record MqttSessionOptions
{
    /// <summary>The client identifier. Default: empty, the server chooses one.</summary>
    public string ClientId { get; init; } = "";

    /// <summary>True: start a new session; false: continue the one the server has. Default: true.</summary>
    public bool CleanStart { get; init; } = true;

    /// <summary>How long the server keeps the session after the connection; <see cref="TimeSpan.MaxValue"/> means for
    /// ever. Range: 0 to 136 years. Default: 0.</summary>
    public TimeSpan SessionExpiryInterval { get; init; }

    /// <summary>A PINGREQ is sent when nothing was sent, or nothing came, for this long; zero turns it off.
    /// Range: 0 to 65,535 s. Default: 15 s.</summary>
    public TimeSpan KeepAlivePeriod { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long to wait for any byte, or any progress of the output, after a PINGREQ. Default: 10 s.</summary>
    /// <remarks>A dead server is told at most <see cref="KeepAlivePeriod"/> (or
    /// <see cref="MqttClientConnectResult.ServerKeepAlive"/>) plus this after its last byte.</remarks>
    public TimeSpan PingResponseTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long to wait for the CONNACK. Default: 10 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The user name; null means none.</summary>
    public string? UserName { get; init; }

    /// <summary>The password; null means none. At most 65,535 bytes.</summary>
    public byte[]? Password { get; init; }

    /// <summary>How many QoS 1 and 2 messages the server may send before they are acknowledged.
    /// Range: 1 to 65,535. Default: 100.</summary>
    public ushort ReceiveMaximum { get; init; } = 100;

    /// <summary>
    /// How many messages beyond <see cref="ReceiveMaximum"/> are taken before the session fails with 0x93
    /// [MQTT-3.3.4-9]. Some servers ignore the limit (mosquitto 2.0 with <c>max_inflight_messages 0</c>); an owner that
    /// stops reading (<see cref="MqttSession.IsReadingPaused"/>) bounds them all the same.
    /// Range: 0 to 65,535. Default: 0.
    /// </summary>
    public ushort ReceiveMaximumTolerance { get; init; }

    /// <summary>The largest packet in bytes that is accepted. Range: 16 to 268,435,460. Default: 16 MiB.</summary>
    public int MaximumPacketSize { get; init; } = 16 << 20;

    /// <summary>The message that the server publishes when this connection breaks; null means none.</summary>
    public MqttApplicationMessage? Will { get; init; }

    /// <summary>How long the server waits before it publishes the will. Default: 0.</summary>
    public TimeSpan WillDelayInterval { get; init; }

    /// <summary>Asks the server for <see cref="MqttClientConnectResult.ResponseInformation"/>. Default:
    /// false.</summary>
    public bool RequestResponseInformation { get; init; }

    /// <summary>False: the server may leave reason strings and user properties out of its answers. Default: true.
    /// </summary>
    public bool RequestProblemInformation { get; init; } = true;

    /// <summary>How many topic aliases the server may use towards us; each holds a topic name of up to 65,535 bytes.
    /// Range: 0 to 65,535. Default: 0.</summary>
    public ushort TopicAliasMaximum { get; init; }

    /// <summary>How many topic aliases are given to published topics by themselves, if the server allows as many; 0
    /// turns it off. Range: 0 to 65,535. Default: 64.</summary>
    public ushort OutgoingTopicAliasMaximum { get; init; } = 64;

    /// <summary>The method of enhanced authentication, for example <c>SCRAM-SHA-256</c>; null means none. With a
    /// method, <see cref="MqttEventKind.AuthenticationRequired"/> may come before the CONNACK.</summary>
    public string? AuthenticationMethod { get; init; }

    /// <summary>The first data of the authentication method; null means none. At most 65,535 bytes; needs a
    /// method.</summary>
    public byte[]? AuthenticationData { get; init; }

    /// <summary>The user properties of the CONNECT.</summary>
    public IReadOnlyList<MqttUserProperty> UserProperties { get; init; } = [];

    /// <summary>How many QoS 1 and 2 publishes may wait for the server's Receive Maximum or for room in the output;
    /// beyond it a publish completes with <see cref="MqttClientPublishReasonCode.QuotaExceeded"/>. Default:
    /// 1024.</summary>
    public int MaximumWaitingPublishes { get; init; } = 1024;

    /// <summary>From this many pending output bytes on, <see cref="MqttSession.CanPublish"/> is false and waiting
    /// publishes are held back. Default: 1 MiB.</summary>
    public int OutputHighWaterBytes { get; init; } = 1 << 20;

    /// <summary>What an earlier connection of the same client left unfinished, from
    /// <see cref="MqttSession.TakeInflight"/>; null means nothing. Its <c>now</c> must be of the same clock.</summary>
    public MqttInflightState? Inflight { get; init; }

    /// <summary>The first packet identifier that is given out. An owner that may have lost what an earlier connection
    /// of its session left draws it at random: a QoS 2 publish with an identifier that the server still holds would be
    /// taken for a duplicate. Range: 1 to <see cref="HighestPacketId"/>. Default: 1.</summary>
    public ushort FirstPacketId { get; init; } = 1;

    /// <summary>The highest packet identifier that the session gives out; those above it are for publishes whose owner
    /// chooses. Range: 1 to 65,535. Default: 65,535.</summary>
    public ushort HighestPacketId { get; init; } = ushort.MaxValue;

    /// <summary>True: the PUBREL of a publish whose packet identifier the owner chose waits for
    /// <see cref="MqttSession.Release"/>, so that a store knows of the PUBREC first. Needs
    /// <see cref="ReportPublishProgress"/>. Default: false.</summary>
    public bool HoldsReleases { get; init; }

    /// <summary>True: <see cref="MqttEventKind.PublishSent"/> and <see cref="MqttEventKind.PublishReleased"/> tell what
    /// a store must know to make <see cref="Inflight"/> anew after a crash. Default: false.</summary>
    public bool ReportPublishProgress { get; init; }
}
