using MqttScion.Options;

namespace MqttScion;

/// <summary>How a <see cref="ScionQuicTransport"/> connects.</summary>
public sealed class ScionQuicTransportOptions
{
    /// <summary>
    /// The address of the peer: on SCION, such as <c>[1-ff00:0:110,10.0.0.2]:8883</c>, or on plain IP, such as
    /// <c>mqtt-quic://broker.example:14567</c>. Required.
    /// </summary>
    [ServerAddressForm("mqtt-quic", IsRequired = true)]
    public string Server { get; set; } = "";

    /// <summary>The SCION side.</summary>
    [OptionGroup<ScionOptions>]
    public ScionOptions Scion { get; } = new();

    /// <summary>The certificates.</summary>
    [OptionGroup<TlsOptions>]
    public TlsOptions Tls { get; } = new();

    /// <summary>How long one path may take for the handshake. Default 5 s; 100 ms to 5 min.</summary>
    [OptionRange("00:00:00.100", "00:05:00")]
    public TimeSpan HandshakeTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long the connection may be silent before it counts as lost. Default 30 s; 1 s to 10 min.
    /// </summary>
    [OptionRange("00:00:01", "00:10:00")]
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How often the statistics of a connection are taken while somebody observes them. Default 1 s; 100 ms to 1 h.
    /// </summary>
    [OptionRange("00:00:00.100", "01:00:00")]
    public TimeSpan StatisticsInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Directory for a qlog trace of each connection, named <c>&lt;id&gt;_client.sqlog</c>: what was sent and received,
    /// for qvis and the like, without payloads and secrets. Made for diagnosis: files are many and large, and nothing
    /// deletes them. Default null: no traces.
    /// </summary>
    [OptionPath(OptionPathTarget.Directory, "directory")]
    public string? QlogDirectory { get; set; }

    /// <summary>
    /// The faults of these options, each naming the option, what was expected and what it is; empty when valid.
    /// </summary>
    public IReadOnlyList<string> Validate()
    {
        var isOnIP = ServerAddress.TryParse(Server, AddressScheme.MqttQuic, out var server, out _)
            && server.Scion is null;
        return
        [
            .. OptionTable.Of<ScionQuicTransportOptions>().FindFaults(this),
            .. Scion.FindMissing(needsPaths: !isOnIP),
            .. Tls.FindMissing(isMutual: !isOnIP),
        ];
    }
}
