using System.Text;
using MqttScion.Mqtt;
using MqttScion.Quic;
using Polly;

namespace MqttScion;

/// <summary>The options of a client, checked and frozen.</summary>
internal sealed record ClientSettings
{
    public required IReadOnlyList<MqttEndPoint> Servers { get; init; }

    public required NetworkSettings Network { get; init; }

    public required MqttSessionOptions Mqtt { get; init; }

    public required QuicOptions Quic { get; init; }

    public required string? QlogDirectory { get; init; }

    public required TimeSpan StatisticsInterval { get; init; }

    public required MqttPayloadSerializers Serializers { get; init; }

    public required int DataStreams { get; init; }

    public required int PathsPerAttempt { get; init; }

    public required int MaxQueuedMessages { get; init; }

    public required long MaxQueuedBytes { get; init; }

    public ObserverFailureAction OnObserverFailure { get; init; }

    public bool ServerSendsCopyPerSubscription { get; init; }

    public required int MaxPendingPublishes { get; init; }

    public required long MaxPendingBytes { get; init; }

    public required OutboxOverflow OutboxOverflow { get; init; }

    public required IOutboxStore? OutboxStore { get; init; }

    public required bool CleanStart { get; init; }

    /// <summary>How long a filter of a kept session outlives its last consumer.</summary>
    public required TimeSpan UnsubscribeDelay { get; init; }

    /// <summary>How long what a resumed session brings waits for somebody to subscribe.</summary>
    public required TimeSpan ResumedMessagesWait { get; init; }

    /// <summary>True when the server's session is to outlive a disconnect, for this process or another.</summary>
    public bool KeepsSession => !CleanStart && Mqtt.SessionExpiryInterval > TimeSpan.Zero;

    public required bool ServersShareSessions { get; init; }

    public required ServerSelection ServerSelection { get; init; }

    public required int MaxServerReferences { get; init; }

    public required IMqttAuthenticator? Authenticator { get; init; }

    public required TimeSpan RequestTimeout { get; init; }

    public required string? ResponseTopicPrefix { get; init; }

    public required TimeSpan ReconnectDelay { get; init; }

    public required TimeSpan MaxReconnectDelay { get; init; }

    public RefusalAction OnRefusal { get; init; }

    public bool RetryFirstConnect { get; init; }

    public string? PasswordFile { get; init; }

    public required Action<ResiliencePipelineBuilder>? Failover { get; init; }

    /// <summary>What the parts of the client count with and trace with.</summary>
    public required ClientTelemetry Telemetry { get; init; }

    /// <summary>Checks and copies options.</summary>
    /// <param name="options">The options.</param>
    /// <param name="metrics">The instruments; null for those of clients that no container made.</param>
    /// <param name="name">The name of a named client, else empty.</param>
    /// <exception cref="ArgumentException">An option is missing or out of range; the text names each.</exception>
    public static ClientSettings From(
        ScionMqttClientOptions options, MqttMetrics? metrics = null, string name = "")
    {
        ArgumentNullException.ThrowIfNull(options);
        var faults = options.Validate();
        if (faults.Count > 0)
        {
            throw new ArgumentException("The options are not valid. " + string.Join(' ', faults), nameof(options));
        }
        return new ClientSettings
        {
            Servers = [.. options.Servers.Select(s => MqttEndPoint.Parse(s))],
            Network = NetworkSettings.From(options.Scion, options.Tls) with
            {
                ResolveHost = options.ResolveHost,
            },
            Mqtt = MqttOf(options),
            Quic = QuicOf(options),
            QlogDirectory = options.QlogDirectory,
            StatisticsInterval = options.StatisticsInterval,
            Serializers = options.Serializers.Copy(),
            DataStreams = options.DataStreams,
            PathsPerAttempt = options.PathsPerAttempt,
            MaxQueuedMessages = options.MaxQueuedMessages,
            MaxQueuedBytes = options.MaxQueuedBytes,
            OnObserverFailure = options.OnObserverFailure,
            ServerSendsCopyPerSubscription = options.ServerSendsCopyPerSubscription,
            MaxPendingPublishes = options.MaxPendingPublishes,
            MaxPendingBytes = options.MaxPendingBytes,
            OutboxOverflow = options.OutboxOverflow,
            OutboxStore = options.OutboxStore,
            CleanStart = options.CleanStart,
            UnsubscribeDelay = options.UnsubscribeDelay,
            ResumedMessagesWait = options.ResumedMessagesWait,
            ServersShareSessions = options.ServersShareSessions,
            ServerSelection = options.ServerSelection,
            MaxServerReferences = options.MaxServerReferences,
            Authenticator = options.Authenticator,
            RequestTimeout = options.RequestTimeout,
            ResponseTopicPrefix = options.ResponseTopicPrefix,
            ReconnectDelay = options.ReconnectDelay,
            MaxReconnectDelay = options.MaxReconnectDelay,
            OnRefusal = options.OnRefusal,
            RetryFirstConnect = options.RetryFirstConnect,
            PasswordFile = options.PasswordFile is { } file ? Path.GetFullPath(file) : null,
            Failover = options.Failover,
            Telemetry = new ClientTelemetry(options, metrics, name),
        };
    }

    private static MqttSessionOptions MqttOf(ScionMqttClientOptions options) => new()
    {
        ClientId = options.ClientId,
        UserName = options.UserName,
        Password = options.Password is null ? null : Encoding.UTF8.GetBytes(options.Password),
        KeepAlivePeriod = options.KeepAlivePeriod,
        ConnectTimeout = options.ConnectTimeout,
        PingResponseTimeout = options.PingResponseTimeout,
        SessionExpiryInterval = options.SessionExpiryInterval,
        Will = options.Will,
        WillDelayInterval = options.WillDelayInterval,
        UserProperties = [.. options.UserProperties],
        RequestResponseInformation = options.ResponseTopicPrefix is null,
        TopicAliasMaximum = (ushort)options.TopicAliasMaximum,
        OutgoingTopicAliasMaximum = (ushort)options.OutgoingTopicAliasMaximum,
        AuthenticationMethod = options.Authenticator?.Method,
        HighestPacketId = options.OutboxStore is null ? ushort.MaxValue : Outbox.HighestSessionPacketId,
        ReportPublishProgress = options.OutboxStore is not null,
        HoldsReleases = options.OutboxStore is not null,
        ReceiveMaximum = (ushort)options.ReceiveMaximum,
        ReceiveMaximumTolerance = ushort.MaxValue,
        MaximumPacketSize = options.MaximumPacketSize,
    };

    private static QuicOptions QuicOf(ScionMqttClientOptions options) => new()
    {
        HandshakeTimeout = options.HandshakeTimeout,
        IdleTimeout = options.IdleTimeout,
        // A server opens no streams in MQTT; one that does breaks QUIC's rules so.
        MaxBidirectionalStreams = 0,
        MaxUnidirectionalStreams = 0,
        SessionCache = new QuicSessionCache { KeepsTickets = options.ResumeSessions },
    };
}
