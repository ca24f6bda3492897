using MqttScion.Options;

namespace MqttScion;

/// <summary>How a <see cref="ScionQuicConnection"/> connects. Checked and copied when it does.</summary>
public sealed class ScionQuicConnectionOptions
{
    /// <summary>
    /// The address of the peer: on SCION, such as <c>[1-ff00:0:110,10.0.0.2]:4433</c>, or on plain IP, such as
    /// <c>quic://host.example:4433</c>. Required.
    /// </summary>
    [ServerAddressForm("quic", IsRequired = true)]
    public string Server { get; set; } = "";

    /// <summary>The SCION side.</summary>
    [OptionGroup<ScionOptions>]
    public ScionOptions Scion { get; } = new();

    /// <summary>The certificates. The files are read for each connection, so that renewed ones are taken.</summary>
    [OptionGroup<TlsOptions>]
    public TlsOptions Tls { get; } = new();

    /// <summary>
    /// The name of the protocol that is spoken on the streams: both sides must give the same (ALPN, RFC 7301). 1 to 255
    /// bytes. Required.
    /// </summary>
    [ProtocolName(IsRequired = true)]
    public string ApplicationProtocol { get; set; } = "";

    /// <summary>How long one path may take for the handshake. Default 5 s; 100 ms to 5 min.</summary>
    [OptionRange("00:00:00.100", "00:05:00")]
    public TimeSpan HandshakeTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long the connection may be silent before it counts as lost. Default 30 s; 1 s to 10 min.
    /// </summary>
    [OptionRange("00:00:01", "00:10:00")]
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How many paths, or addresses of a name, an attempt tries. Default 3; 1 to 16.</summary>
    [OptionRange(1, 16)]
    public int PathsPerAttempt { get; set; } = 3;

    /// <summary>
    /// How many streams that go both ways the peer may have open at once. Without any, only this end opens
    /// streams. Default 0; 0 to 10,000.
    /// </summary>
    [OptionRange(0, 10_000)]
    public int MaxBidirectionalStreams { get; set; }

    /// <summary>
    /// How many streams that go one way the peer may have open at once. Default 0; 0 to 10,000.
    /// </summary>
    [OptionRange(0, 10_000)]
    public int MaxUnidirectionalStreams { get; set; }

    /// <summary>
    /// How many unreliable datagrams wait to be taken; further ones are dropped. With 0 none are sent or
    /// taken. Default 0; 0 to 65,536.
    /// </summary>
    [OptionRange(0, 65_536)]
    public int MaxWaitingDatagrams { get; set; }

    /// <summary>
    /// How many bytes each direction of a stream buffers before it pushes back. Default 256 KiB; 4 KiB to 64 MiB.
    /// </summary>
    [OptionRange(4096, 64 * 1024 * 1024, Unit = "bytes")]
    public int BufferBytes { get; set; } = 256 * 1024;

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
        var isOnIP = ServerAddress.TryParse(Server, out var server) && server.Scion is null;
        return
        [
            .. OptionTable.Of<ScionQuicConnectionOptions>().FindFaults(this),
            .. Scion.FindMissing(needsPaths: !isOnIP),
            .. Tls.FindMissing(isMutual: !isOnIP),
        ];
    }
}
