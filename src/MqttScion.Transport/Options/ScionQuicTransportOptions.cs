namespace MqttScion;

/// <summary>How a <see cref="ScionQuicTransport"/> connects.</summary>
public sealed class ScionQuicTransportOptions
{
    /// <summary>
    /// The address of the peer: on SCION, such as <c>[1-ff00:0:110,10.0.0.2]:8883</c>, or on plain IP, such as
    /// <c>mqtt-quic://broker.example:14567</c>. Required.
    /// </summary>
    public string Server { get; set; } = "";

    /// <summary>The SCION side.</summary>
    public ScionOptions Scion { get; } = new();

    /// <summary>The certificates.</summary>
    public TlsOptions Tls { get; } = new();

    /// <summary>How long one path may take for the handshake. Default 5 s.</summary>
    public TimeSpan HandshakeTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long the connection may be silent before it counts as lost. Default 30 s.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(30);

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
        if (!ServerAddress.TryParse(Server, AddressScheme.MqttQuic, out var server, out var problem))
        {
            faults.Add($"Server: {problem}");
        }
        var isOnIP = server is { Scion: null };
        Scion.Validate(faults, needsPaths: !isOnIP);
        faults.RequireFiles(Tls, isMutual: !isOnIP);
        faults.RequireDirectory("QlogDirectory", QlogDirectory);
        var soon = TimeSpan.FromMilliseconds(100);
        faults.RequireRange("HandshakeTimeout", HandshakeTimeout, soon, TimeSpan.FromMinutes(5));
        faults.RequireRange("IdleTimeout", IdleTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
        faults.RequireRange("StatisticsInterval", StatisticsInterval, soon, TimeSpan.FromHours(1));
        return faults.All;
    }
}
