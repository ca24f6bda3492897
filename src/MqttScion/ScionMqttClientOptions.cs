using MqttScion.Scion;

namespace MqttScion;

/// <summary>
/// The options of a client. They are checked and copied when the client is made; later changes have no effect.
/// </summary>
public sealed class ScionMqttClientOptions
{
    /// <summary>Makes options with the defaults.</summary>
    public ScionMqttClientOptions()
        : this(new ScionOptions(), new TlsOptions())
    {
    }

    internal ScionMqttClientOptions(ScionOptions scion, TlsOptions tls) => (Scion, Tls) = (scion, tls);

    /// <summary>
    /// SCION addresses of the proxies or brokers, tried in order: <c>[1-ff00:0:110,10.0.0.2]:8883</c>. At least one, at
    /// most 16.
    /// </summary>
    public IList<string> Servers { get; } = new List<string>();

    /// <summary>The MQTT client identifier. Empty (the default) lets the server assign one.</summary>
    public string ClientId { get; set; } = "";

    /// <summary>The MQTT user name, or null for none.</summary>
    public string? UserName { get; set; }

    /// <summary>The MQTT password, or null for none. Never logged.</summary>
    public string? Password { get; set; }

    /// <summary>The SCION side.</summary>
    public ScionOptions Scion { get; }

    /// <summary>The certificates.</summary>
    public TlsOptions Tls { get; }

    /// <summary>The serializers behind <c>Messages&lt;T&gt;</c> and <c>PublishAsync&lt;T&gt;</c>.</summary>
    public MqttPayloadSerializers Serializers { get; } = new();

    /// <summary>The MQTT keep-alive interval. Default 15 s; 1 s to 18 h.</summary>
    public TimeSpan KeepAlivePeriod { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long one path may take for the QUIC handshake. Default 5 s; 100 ms to 5 min.</summary>
    public TimeSpan HandshakeTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long the server may take to answer the CONNECT. Default 10 s; 100 ms to 5 min.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a connection may be silent before it counts as lost. Default 30 s; 1 s to 10 min.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How many paths one attempt tries, one after the other. Default 3; 1 to 16.</summary>
    public int PathsPerAttempt { get; set; } = 3;

    /// <summary>
    /// How many QoS 1 messages the server may send before the first is acknowledged (Receive Maximum). Default 64; 1 to
    /// 65535. With <see cref="MaximumPacketSize"/> it bounds the memory that the server can make this client use.
    /// </summary>
    public int ReceiveMaximum { get; set; } = 64;

    /// <summary>The largest MQTT packet that is accepted, in bytes. Default 16 MiB; 1 KiB to 256 MiB.</summary>
    public int MaximumPacketSize { get; set; } = 16 * 1024 * 1024;

    /// <summary>
    /// How many QoS 0 messages wait for a subscription's observers before further ones are dropped and reported.
    /// Default 1000.
    /// </summary>
    public int MaxQueuedMessages { get; set; } = 1000;

    /// <summary>
    /// How many bytes of QoS 0 payload wait for a subscription's observers before further ones are dropped and
    /// reported. Default 16 MiB.
    /// </summary>
    public long MaxQueuedBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>How many publishes may be pending; further callers wait. Default 1024; 1 to 65535.</summary>
    public int MaxPendingPublishes { get; set; } = 1024;

    /// <summary>
    /// Builds the pipeline that makes a lost connection again; null (the default) retries for ever, with back-off and
    /// jitter.
    /// </summary>
    public Action<Polly.ResiliencePipelineBuilder>? Failover { get; set; }

    /// <summary>The longest wait between two attempts to reconnect. Default 30 s; 10 ms to 1 h.</summary>
    public TimeSpan MaxReconnectDelay { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The wait before the first attempt to reconnect; it doubles, with jitter. Default 500 ms; 1 ms to 1 h.
    /// </summary>
    public TimeSpan ReconnectDelay { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// How often the statistics of a connection are taken while somebody observes them. Default 1 s; 100 ms to 1 h.
    /// </summary>
    public TimeSpan StatisticsInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Directory for a qlog trace of each connection, named <c>&lt;id&gt;_client.sqlog</c>: what was sent and received,
    /// for qvis and the like, without payloads and secrets. Made for diagnosis: files are many and large, and nothing
    /// deletes them. Default null: no traces.
    /// </summary>
    public string? QlogDirectory { get; set; }

    /// <summary>
    /// The faults of these options, each naming the option, what was expected and what it is; empty when valid.
    /// </summary>
    public IReadOnlyList<string> Validate()
    {
        var faults = new OptionFaults();
        if (Servers.Count is 0 or > 16)
        {
            faults.Add($"Servers: expected 1 to 16 SCION addresses, found {Servers.Count}.");
        }
        foreach (var server in Servers)
        {
            if (!ScionEndPoint.TryParse(server, out _))
            {
                faults.Add(
                    $"Servers: '{server}' is not a SCION address; expected a form like [1-ff00:0:110,10.0.0.2]:8883.");
            }
        }
        Scion.Validate(faults);
        faults.RequireFiles(Tls);
        faults.RequireDirectory("QlogDirectory", QlogDirectory);
        ValidateRanges(faults);
        return faults.All;
    }

    private void ValidateRanges(OptionFaults faults)
    {
        var second = TimeSpan.FromSeconds(1);
        var soon = TimeSpan.FromMilliseconds(100);
        faults.RequireRange("KeepAlivePeriod", KeepAlivePeriod, second, TimeSpan.FromSeconds(65535));
        faults.RequireRange("HandshakeTimeout", HandshakeTimeout, soon, TimeSpan.FromMinutes(5));
        faults.RequireRange("StatisticsInterval", StatisticsInterval, soon, TimeSpan.FromHours(1));
        faults.RequireRange("ConnectTimeout", ConnectTimeout, soon, TimeSpan.FromMinutes(5));
        faults.RequireRange("IdleTimeout", IdleTimeout, second, TimeSpan.FromMinutes(10));
        faults.RequireRange("ReconnectDelay", ReconnectDelay, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1));
        faults.RequireRange(
            "MaxReconnectDelay", MaxReconnectDelay, TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1));
        faults.RequireRange("PathsPerAttempt", PathsPerAttempt, 1, 16);
        faults.RequireRange("ReceiveMaximum", ReceiveMaximum, 1, 65535);
        faults.RequireRange("MaximumPacketSize", MaximumPacketSize, 1024, 256 * 1024 * 1024);
        faults.RequireRange("MaxQueuedMessages", MaxQueuedMessages, 1, 1_000_000);
        faults.RequireRange("MaxQueuedBytes", MaxQueuedBytes, 1, int.MaxValue);
        faults.RequireRange("MaxPendingPublishes", MaxPendingPublishes, 1, 65535);
    }
}
