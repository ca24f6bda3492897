using System.Globalization;
using System.Net;
using MqttScion.Mqtt;
using MqttScion.Options;

namespace MqttScion;

/// <summary>
/// The options of a client. They are checked and copied when the client is made; later changes have no effect.
/// </summary>
/// <remarks>
/// How long a dead connection can read as connected, and what <c>ConnectionStates</c> then says:
/// <list type="table">
/// <item><term>network or proxy gone</term><description><see cref="IdleTimeout"/>: QuicConnectionException, idle.
/// </description></item>
/// <item><term>broker silent behind a living proxy</term><description><see cref="KeepAlivePeriod"/> (or the server's,
/// unless 0) + <see cref="PingResponseTimeout"/> after its last byte, also while we publish: MqttSessionEndedException,
/// PingTimeout. While output that was queued before the PINGREQ still moves, the deadline moves with
/// it.</description></item>
/// <item><term>a server far beyond <see cref="ReceiveMaximum"/> is not read, and nothing is
/// acknowledged</term><description>as before, counted from the last acknowledgement: MqttSessionEndedException,
/// 0x93.</description></item>
/// <item><term>broker's TCP connection ended</term><description>at once: QuicConnectionException, code 0x101.
/// </description></item>
/// <item><term>stream ended without more</term><description>2 s: MqttSessionEndedException.</description></item>
/// <item><term>DISCONNECT or a broken rule</term><description>at once: MqttSessionEndedException with code and reason.
/// </description></item>
/// <item><term>CONNECT not answered</term><description><see cref="ConnectTimeout"/>: MqttSessionEndedException.
/// </description></item>
/// <item><term>certificate refused, by either side</term><description>in the handshake, or at once after it:
/// QuicConnectionException with the alert; <see cref="OnRefusal"/> says what comes then.</description></item>
/// <item><term>our own loop ended by a defect</term><description>at once: the defect's exception.</description></item>
/// </list>
/// </remarks>
public sealed partial class ScionMqttClientOptions
{
    internal static readonly TimeSpan LongestRequestTimeout =
        TimeSpan.ParseExact(LongestRequest, "c", CultureInfo.InvariantCulture);

    private const string LongestRequest = "1.00:00:00";

    /// <summary>Makes options with the defaults.</summary>
    public ScionMqttClientOptions()
        : this(new ScionOptions(), new TlsOptions())
    {
    }

    internal ScionMqttClientOptions(ScionOptions scion, TlsOptions tls) => (Scion, Tls) = (scion, tls);

    /// <summary>
    /// Addresses of the proxies or brokers, as <see cref="MqttEndPoint"/> reads them: on SCION
    /// <c>[1-ff00:0:110,10.0.0.2]:8883</c>, on plain IP <c>mqtt-quic://broker.example:14567</c>, mixed as you like.
    /// 1 to 16 of them. An attempt to connect tries all of them, in the order of <see cref="ServerSelection"/>.
    /// </summary>
    [OptionRange(1, 16, Unit = "addresses")]
    public IList<string> Servers { get; } = new List<string>();

    /// <summary>In which order an attempt tries the servers. Default <see cref="ServerSelection.InOrder"/>.</summary>
    public ServerSelection ServerSelection { get; set; }

    /// <summary>
    /// True (the default): the servers are ways to one broker or to brokers that share sessions, so a session is
    /// continued on any of them. False: they are brokers of their own, and a change to another starts a clean session.
    /// </summary>
    public bool ServersShareSessions { get; set; } = true;

    /// <summary>
    /// How many times one attempt follows a server that names another (0x9C, 0x9D with a Server Reference). Only SCION
    /// addresses in an AS of <see cref="Servers"/> are followed, and <c>mqtt-quic</c> addresses with a host of them;
    /// the certificate is checked as ever. Default 3; 0 to 16.
    /// </summary>
    [OptionRange(0, 16)]
    public int MaxServerReferences { get; set; } = 3;

    /// <summary>
    /// True (the default): each <c>ConnectAsync</c> begins a new session, and an orderly disconnect ends it. False: the
    /// session that the server has for the client identifier is continued, also one of an earlier process, whose queued
    /// messages come at once and wait for who subscribes (<see cref="ResumedMessagesWait"/>). A lost connection that is
    /// made again always continues the session.
    /// </summary>
    public bool CleanStart { get; set; } = true;

    /// <summary>
    /// In a session that is kept (<see cref="CleanStart"/> off, a <see cref="SessionExpiryInterval"/>), and for shared
    /// filters: how long a filter outlives its last consumer. Meanwhile it stays subscribed, and messages wait
    /// unanswered for another consumer of the same filter; at the end they are given up and the server is told. A
    /// disconnect before that leaves both to the session. Default 5 s; 0 to 1 h, and with 0 at once.
    /// </summary>
    [OptionRange("00:00:00", "01:00:00")]
    public TimeSpan UnsubscribeDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long messages that a continued session brings, and for which nobody has subscribed here yet, wait for that:
    /// QoS 1 and 2 unacknowledged within the Receive Maximum, QoS 0 within <see cref="MaxQueuedMessages"/>. After it
    /// they are acknowledged and reported. Counts from the connect, with <c>AsHostedService</c> not before the host has
    /// started. Default 10 s; 0 to 1 h, and with 0 not at all.
    /// </summary>
    [OptionRange("00:00:00", "01:00:00")]
    public TimeSpan ResumedMessagesWait { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long the server keeps the session while the client is away: subscriptions, messages for it, unfinished QoS 1
    /// and 2 flows. Zero ends it with the connection: then messages that are published while the client is away are
    /// lost, and a QoS 2 publish whose connection is lost can arrive twice. Default 5 min; 0 or more, and what is more
    /// than the 136 years that MQTT can tell is for ever.
    /// </summary>
    [OptionRange("00:00:00")]
    public TimeSpan SessionExpiryInterval { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The message that the server publishes when the client is gone without a DISCONNECT; null (the default)
    /// for none.</summary>
    [WillRule]
    public MqttApplicationMessage? Will { get; set; }

    /// <summary>
    /// How long the server waits before it publishes the will, so that a client that comes back in time has none.
    /// Default 0; 0 or more. The end of the session (<see cref="SessionExpiryInterval"/>) publishes it at the latest.
    /// </summary>
    [OptionRange("00:00:00")]
    public TimeSpan WillDelayInterval { get; set; }

    /// <summary>The user properties of the CONNECT.</summary>
    [UserPropertiesRule]
    public IList<MqttUserProperty> UserProperties { get; } = new List<MqttUserProperty>();

    /// <summary>Enhanced authentication (AUTH); null (the default) for none.</summary>
    [AuthenticatorRule]
    public IMqttAuthenticator? Authenticator { get; set; }

    /// <summary>The MQTT client identifier. Empty (the default) lets the server assign one.</summary>
    [MqttText]
    public string ClientId { get; set; } = "";

    /// <summary>The MQTT user name, or null for none.</summary>
    [MqttText]
    public string? UserName { get; set; }

    /// <summary>The MQTT password, or null for none. Never logged.</summary>
    [PasswordText]
    public string? Password { get; set; }

    /// <summary>
    /// File with the MQTT password in its stead, in UTF-8; a line break at its end does not count. It is read for each
    /// connection, so that a renewed password is taken. Relative to the working directory, from the configuration of a
    /// host to its content root. Default null: none.
    /// </summary>
    [OptionPath(OptionPathTarget.File)]
    public string? PasswordFile { get; set; }

    /// <summary>The SCION side.</summary>
    [OptionGroup<ScionOptions>]
    public ScionOptions Scion { get; }

    /// <summary>The certificates.</summary>
    [OptionGroup<TlsOptions>]
    public TlsOptions Tls { get; }

    /// <summary>The serializers behind <c>Messages&lt;T&gt;</c> and <c>PublishAsync&lt;T&gt;</c>.</summary>
    public MqttPayloadSerializers Serializers { get; private init; } = new();

    /// <summary>
    /// The MQTT keep-alive interval; a server may demand another (Server Keep Alive). Default 15 s; 1 s to 65,535 s.
    /// </summary>
    [OptionRange("00:00:01", "18:12:15")]
    public TimeSpan KeepAlivePeriod { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long the server may take to send anything after a PINGREQ before the connection counts as lost: it is
    /// noticed at most <see cref="KeepAlivePeriod"/> plus this after the last byte. Default 10 s; 100 ms to 5 min.
    /// </summary>
    [OptionRange("00:00:00.100", "00:05:00")]
    public TimeSpan PingResponseTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long one path or address may take for the QUIC handshake. Default 5 s; 100 ms to 5 min.</summary>
    [OptionRange("00:00:00.100", "00:05:00")]
    public TimeSpan HandshakeTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long the server may take to answer the CONNECT. Default 10 s; 100 ms to 5 min.</summary>
    [OptionRange("00:00:00.100", "00:05:00")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a connection may be silent before it counts as lost. Default 30 s; 1 s to 10 min.</summary>
    [OptionRange("00:00:01", "00:10:00")]
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How many paths one attempt tries for each server on SCION, or how many of the addresses of its name for one on
    /// plain IP, one after the other. Default 3; 1 to 16.
    /// </summary>
    [OptionRange(1, 16)]
    public int PathsPerAttempt { get; set; } = 3;

    /// <summary>
    /// How many QUIC streams carry messages beside the first, so that a lost packet holds up the topics of one stream
    /// and not those of the others. Default 0; 0 to 16. With 0 one stream carries everything, in order; more need a
    /// broker that speaks MQTT over QUIC itself, as EMQX does. Where fewer are allowed, as by a proxy before a broker
    /// without QUIC, fewer are used, down to the one (<see cref="ConnectionState.Connected.DataStreams"/> tells).
    /// </summary>
    /// <remarks>
    /// <para>Order: QoS 0 and 1 publishes of one topic share a stream and keep their order, and so do the messages of
    /// one subscription; between topics, or between QoS 2 and the others, there is none.</para>
    /// <para>What a server keeps for the client it keeps for the first stream only. So QoS 2 publishes and
    /// subscriptions are always there, and QoS 1 subscriptions too, unless <see cref="SessionExpiryInterval"/> is zero.
    /// When a data stream or the connection is lost, its QoS 1 publishes are sent again as new ones, its subscriptions
    /// are made anew, and messages that the server had sent on it and that were not acknowledged may be lost. A filter
    /// whose QoS is raised while it is in use can move to the first stream; messages of that moment can come twice.
    /// </para>
    /// <para><see cref="ReceiveMaximum"/> then holds for each stream by itself.</para>
    /// </remarks>
    [OptionRange(0, 16)]
    public int DataStreams { get; set; }

    /// <summary>
    /// How many QoS 1 and 2 messages the server may send before the first is acknowledged (Receive Maximum). Default
    /// 64; 1 to 65,535. With <see cref="MaximumPacketSize"/> it bounds the memory that the server can make this client
    /// use.
    /// </summary>
    /// <remarks>A server that exceeds it is read on for up to 1024 messages more while all unanswered ones together
    /// hold at most 16 MiB of payload. Past that nothing is read until messages are acknowledged; when none is for <see
    /// cref="KeepAlivePeriod"/> and <see cref="PingResponseTimeout"/>, the connection ends with 0x93.</remarks>
    [OptionRange(1, 65535)]
    public int ReceiveMaximum { get; set; } = 64;

    /// <summary>The largest MQTT packet that is accepted, in bytes. Default 16 MiB; 1 KiB to 256 MiB.</summary>
    [OptionRange(1024, 256 * 1024 * 1024, Unit = "bytes")]
    public int MaximumPacketSize { get; set; } = 16 * 1024 * 1024;

    /// <summary>
    /// How many QoS 0 messages wait for one consumer (observer, handler, reader) before further ones are dropped and
    /// reported; with a drop mode, how many of any QoS. Default 1,000; 1 to 1,000,000. <see
    /// cref="MqttDeliveryOptions"/> can say otherwise.
    /// </summary>
    [OptionRange(1, 1_000_000)]
    public int MaxQueuedMessages { get; set; } = 1000;

    /// <summary>
    /// From how many bytes of such payload on further messages are dropped and reported. Default 16 MiB; 1 byte to
    /// 2,147,483,647 bytes.
    /// </summary>
    [OptionRange(1, int.MaxValue, Unit = "bytes")]
    public long MaxQueuedBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>
    /// What becomes of a QoS 1 or 2 message that consumers failed on (an observer or handler threw, a reader ended
    /// without acknowledging it) and nobody else took. Default <see cref="ObserverFailureAction.Refuse"/>.
    /// </summary>
    public ObserverFailureAction OnObserverFailure { get; set; }

    /// <summary>
    /// True: the server sends a message once for each subscription that matches it. Looked at only when the server has
    /// no subscription identifiers: then copies can't be told from messages that were published twice, and each is
    /// given to one of the matching filters in turn, so that each observer gets one. With a server that sends one copy
    /// for all, that would keep messages from observers. Default false: no message is kept from anybody, but such a
    /// server's copies reach all observers of overlapping filters.
    /// </summary>
    public bool ServerSendsCopyPerSubscription { get; set; }

    /// <summary>
    /// How many publishes may be pending: accepted and not answered. Default 1,024; 1 to 1,000,000. What happens beyond
    /// it, <see cref="OutboxOverflow"/> says.
    /// </summary>
    [OptionRange(1, 1_000_000)]
    public int MaxPendingPublishes { get; set; } = 1024;

    /// <summary>
    /// How many bytes of topic and payload may be pending. Default 64 MiB; 1 byte or more. A larger message is
    /// taken when nothing else is pending.
    /// </summary>
    [OptionRange(1, Unit = "bytes")]
    public long MaxPendingBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>What happens to a publish beyond these bounds. Default <see cref="OutboxOverflow.Wait"/>.</summary>
    public OutboxOverflow OutboxOverflow { get; set; }

    /// <summary>
    /// Keeps QoS 1 and 2 publishes until they are answered, across the end of the process; null (the default) keeps
    /// them in memory. Needs a <see cref="ClientId"/>, <see cref="CleanStart"/> off and a <see
    /// cref="SessionExpiryInterval"/>: only with its session does a server know a QoS 2 message again. The client
    /// disposes it.
    /// </summary>
    public IOutboxStore? OutboxStore { get; set; }

    /// <summary>
    /// How many topic aliases the server may use towards this client; each holds one topic name. Default 32; 0 to
    /// 65,535.
    /// </summary>
    [OptionRange(0, 65535)]
    public int TopicAliasMaximum { get; set; } = 32;

    /// <summary>
    /// How many aliases are given to topics that are published repeatedly, as far as the server allows. Default 64; 0
    /// to 65,535, and with 0 to none.
    /// </summary>
    [OptionRange(0, 65535)]
    public int OutgoingTopicAliasMaximum { get; set; } = 64;

    /// <summary>How long <c>RequestAsync</c> waits for a response. Default 10 s; 1 ms to 1 day.</summary>
    [OptionRange("00:00:00.001", LongestRequest)]
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// What the topic for responses to this client's requests begins with; a slash and random digits follow. Default
    /// null: what the server proposes (Response Information), else <c>mqttscion/responses</c>.
    /// </summary>
    [TopicForm]
    public string? ResponseTopicPrefix { get; set; }

    /// <summary>
    /// Builds the pipeline that makes a lost connection again; null (the default) retries for ever, with back-off and
    /// jitter.
    /// </summary>
    public Action<Polly.ResiliencePipelineBuilder>? Failover { get; set; }

    /// <summary>
    /// What a client that was connected, or that tries until it is, does after a refusal. Default <see
    /// cref="RefusalAction.Retry"/>: it goes on after <see cref="MaxReconnectDelay"/>, with password and certificates
    /// read anew, and logs an error each time. <see cref="RefusalAction.Stop"/>: it gives up and logs that; <c>
    /// ConnectAsync</c> starts it again.
    /// </summary>
    /// <remarks>
    /// Refusals are: CONNACK 0x84 (Unsupported Protocol Version), 0x85 (Client Identifier not valid), 0x86 (Bad User
    /// Name or Password), 0x87 (Not authorized), 0x8A (Banned) and 0x8C (Bad authentication method); DISCONNECT 0x87
    /// and 0x8C from the server; a TLS alert about a certificate, theirs about ours or ours about theirs
    /// (bad_certificate to unknown_ca, certificate_required); the proxy's 0x100 (no client certificate); an <see
    /// cref="Authenticator"/> that throws an AuthenticationException. A first <c>ConnectAsync</c> that is not told to
    /// retry throws them in either case.
    /// </remarks>
    public RefusalAction OnRefusal { get; set; }

    /// <summary>
    /// True: <c>ConnectAsync</c> tries until it is connected or its token ends, as a hosted client does at the start;
    /// it throws at once when this machine or the files let nobody connect, and after a refusal if <see
    /// cref="OnRefusal"/> says so. Default false: it makes one attempt, over all servers, and throws what that failed
    /// with.
    /// </summary>
    public bool RetryFirstConnect { get; set; }

    /// <summary>The longest wait between two attempts to reconnect. Default 30 s; 10 ms to 1 h.</summary>
    [OptionRange("00:00:00.010", "01:00:00")]
    public TimeSpan MaxReconnectDelay { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The wait before the first attempt to reconnect; it doubles, with jitter. Default 500 ms; 1 ms to 1 h.
    /// </summary>
    [OptionRange("00:00:00.001", "01:00:00")]
    public TimeSpan ReconnectDelay { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// How often the statistics of a connection are taken while somebody observes them. Default 1 s; 100 ms to 1 h.
    /// </summary>
    [OptionRange("00:00:00.100", "01:00:00")]
    public TimeSpan StatisticsInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// True (the default): while somebody collects the spans of <see cref="MqttTelemetry.Name"/>, a publish carries its
    /// W3C trace context in the user properties <c>traceparent</c> and <c>tracestate</c>, about 70 bytes; what the
    /// application has set there stays. False: nothing is added. Contexts that come are read in both cases.
    /// </summary>
    public bool PropagateTraceContext { get; set; } = true;

    /// <summary>
    /// True: a connection that is made again resumes the TLS session of an earlier one of this client, if the server
    /// issues tickets (a proxy with <c>--session-tickets</c> does), which saves both sides the exchange of
    /// certificates; those of the earlier session are checked again. Tickets are kept in memory, for as long as the
    /// client lives. MQTT never goes into early data (0-RTT), which could be replayed. Default false: full handshakes.
    /// </summary>
    public bool ResumeSessions { get; set; }

    /// <summary>
    /// Directory for a qlog trace of each connection, named <c>&lt;id&gt;_client.sqlog</c>: what was sent and received,
    /// for qvis and the like, without payloads and secrets. Made for diagnosis: files are many and large, and nothing
    /// deletes them. Default null: no traces.
    /// </summary>
    [OptionPath(OptionPathTarget.Directory, "directory")]
    public string? QlogDirectory { get; set; }

    /// <summary>The section of the configuration that filled the options; null for none.</summary>
    internal string? Section { get; set; }

    /// <summary>Looks the addresses of a host name up; a test has its own.</summary>
    internal Func<string, CancellationToken, Task<IPAddress[]>> ResolveHost { get; set; } = Dns.GetHostAddressesAsync;

    /// <summary>
    /// The faults of these options, each naming the option, what was expected and what it is; empty when valid.
    /// </summary>
    public IReadOnlyList<string> Validate()
    {
        var isOnIP = Servers.Count > 0
            && Servers.All(s => MqttEndPoint.TryParse(s, out var endPoint) && endPoint.Scion is null);
        return
        [
            .. OptionTable.Of<ScionMqttClientOptions>().FindFaults(this),
            .. FindUnreadableServers(),
            .. Scion.FindMissing(needsPaths: !isOnIP),
            .. Tls.FindMissing(isMutual: !isOnIP),
            .. FindContradictions(),
        ];
    }

    /// <summary>A copy that later changes of these options leave alone.</summary>
    internal ScionMqttClientOptions Copy()
    {
        var copy = new ScionMqttClientOptions
        {
            Serializers = Serializers.Copy(),
            Section = Section,
            ResolveHost = ResolveHost,
        };
        OptionTable.Of<ScionMqttClientOptions>().Copy(this, copy);
        return copy;
    }

    private IEnumerable<string> FindUnreadableServers()
    {
        foreach (var server in Servers)
        {
            if (!MqttEndPoint.TryParse(server, out _, out var problem))
            {
                yield return $"Servers: {problem}";
            }
        }
    }

    // What no option says by itself.
    private IEnumerable<string> FindContradictions()
    {
        if (!CleanStart && string.IsNullOrEmpty(ClientId))
        {
            yield return "CleanStart: false needs a ClientId, by which the server knows the session.";
        }
        if (PasswordFile is not null && Password is not null)
        {
            yield return "PasswordFile: expected no Password with it.";
        }
        if (OutboxStore is not null && (CleanStart || SessionExpiryInterval <= TimeSpan.Zero))
        {
            yield return "OutboxStore: needs CleanStart = false and a SessionExpiryInterval above zero.";
        }
        if (WillDelayInterval != TimeSpan.Zero && Will is null)
        {
            yield return "WillDelayInterval: expected a Will with it.";
        }
    }
}
