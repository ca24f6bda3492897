using System.Text;
using MqttScion.Mqtt;
using MqttScion.Quic;

namespace MqttScion;

/// <summary>The options of a client, checked and frozen.</summary>
internal sealed record ClientSettings
{
    /// <summary>A copy of the options: what is used as it is given.</summary>
    public required ScionMqttClientOptions Options { get; init; }

    public required IReadOnlyList<MqttEndPoint> Servers { get; init; }

    /// <summary>How servers are reached.</summary>
    public required QuicDialerOptions Dialing { get; init; }

    public required MqttSessionOptions Mqtt { get; init; }

    /// <summary>True when the server's session is to outlive a disconnect, for this process or another.</summary>
    public bool KeepsSession => !Options.CleanStart && Mqtt.SessionExpiryInterval > TimeSpan.Zero;

    public string? PasswordFile { get; init; }

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
        options = options.Copy();
        var faults = options.Validate();
        if (faults.Count > 0)
        {
            throw new ArgumentException("The options are not valid. " + string.Join(' ', faults), nameof(options));
        }
        return new ClientSettings
        {
            Options = options,
            Servers = [.. options.Servers.Select(s => MqttEndPoint.Parse(s))],
            Dialing = new QuicDialerOptions
            {
                Scion = options.Scion,
                Tls = options.Tls,
                Quic = QuicOf(options),
                QlogDirectory = options.QlogDirectory,
                ResolveHost = options.ResolveHost,
            },
            Mqtt = MqttOf(options),
            PasswordFile = options.PasswordFile is { } file ? Path.GetFullPath(file) : null,
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
