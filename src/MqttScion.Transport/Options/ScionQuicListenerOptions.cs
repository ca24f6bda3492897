using System.Diagnostics.CodeAnalysis;
using System.Net;
using MqttScion.Options;
using MqttScion.Scion;

namespace MqttScion;

/// <summary>Where and how a <see cref="ScionQuicListener"/> listens. Checked and copied when it starts.</summary>
public sealed class ScionQuicListenerOptions
{
    /// <summary>
    /// The address to listen on: on SCION, such as <c>[2-ff00:0:222,10.0.0.2]:4433</c>, or on plain IP, such as
    /// <c>10.0.0.2:4433</c>. Port 0 lets the system choose. Required.
    /// </summary>
    [ListenForm(IsRequired = true)]
    public string Listen { get; set; } = "";

    /// <summary>
    /// The certificates: the listener's own, and the CA of its clients. The files are read again, at most once a
    /// second, so that renewed certificates and revocations count for clients that connect later. Without
    /// <see cref="TlsOptions.TrustedCertificates"/>, clients are not asked for a certificate.
    /// </summary>
    [OptionGroup<TlsOptions>]
    public TlsOptions Tls { get; init; } = new();

    /// <summary>
    /// True (the default) refuses clients without a certificate in the handshake, and needs
    /// <see cref="TlsOptions.TrustedCertificates"/>.
    /// </summary>
    public bool RequireClientCertificate { get; set; } = true;

    /// <summary>
    /// The name of the protocol that is spoken on the streams: both sides must give the same (ALPN, RFC 7301). 1 to 255
    /// bytes. Required.
    /// </summary>
    [ProtocolName(IsRequired = true)]
    public string ApplicationProtocol { get; set; } = "";

    /// <summary>
    /// True issues session tickets, with which a client that comes back resumes its TLS session: neither side sends or
    /// signs certificates; the client's of the earlier session is checked again, revocation lists and all. A ticket is
    /// good for 6 hours, and ends with the listener. Early data (0-RTT) is not taken, as it could be replayed. Default
    /// false: full handshakes.
    /// </summary>
    public bool SessionTickets { get; set; }

    /// <summary>How long a connection may be silent before it counts as lost. Default 30 s; 1 s to 10 min.</summary>
    [OptionRange("00:00:01", "00:10:00")]
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How many connections there may be at once, those included that nobody has accepted yet. Default
    /// 1,000; 1 to 100,000.
    /// </summary>
    [OptionRange(1, 100_000)]
    public int MaxConnections { get; set; } = 1000;

    /// <summary>
    /// How many streams that go both ways a client may have open at once. Default 16; 0 to 10,000.
    /// </summary>
    [OptionRange(0, 10_000)]
    public int MaxBidirectionalStreams { get; set; } = 16;

    /// <summary>
    /// How many streams that go one way a client may have open at once. Default 0; 0 to 10,000.
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
    /// Directory for a qlog trace of each connection, named <c>&lt;id&gt;_server.sqlog</c>: what was sent and received,
    /// for qvis and the like, without payloads and secrets. Made for diagnosis: files are many and large, and nothing
    /// deletes them; at most 256 are written at once. Default null: no traces.
    /// </summary>
    [OptionPath(OptionPathTarget.Directory, "directory")]
    public string? QlogDirectory { get; set; }

    /// <summary>
    /// The faults of these options, each naming the option, what was expected and what it is; empty when valid.
    /// </summary>
    public IReadOnlyList<string> Validate()
    {
        var asksForCertificates = RequireClientCertificate || !string.IsNullOrEmpty(Tls.TrustedCertificates);
        return
        [
            .. OptionTable.Of<ScionQuicListenerOptions>().FindFaults(this)
                .Where(fault => asksForCertificates
                    || !fault.StartsWith("Tls.TrustedCertificates:", StringComparison.Ordinal)),
            .. Tls.FindMissing(isMutual: true),
        ];
    }

    /// <summary>Reads an address to listen on.</summary>
    /// <param name="text">The text.</param>
    /// <param name="isdAs">The AS; null on plain IP.</param>
    /// <param name="address">The IP address and port. On SCION one of this host: an answer must leave from the address
    /// that clients dial.</param>
    internal static bool TryParseListen(string text, out IsdAs? isdAs, [NotNullWhen(true)] out IPEndPoint? address)
    {
        if (ScionEndPoint.TryParse(text, out var scion))
        {
            isdAs = scion.IsdAs;
            return scion.TryGetIPEndPoint(out address)
                && !address.Address.Equals(IPAddress.Any) && !address.Address.Equals(IPAddress.IPv6Any);
        }
        isdAs = null;
        return IPEndPoint.TryParse(text, out address);
    }

    private sealed class ListenFormAttribute : OptionTextAttribute
    {
        protected override string? FaultOf(string text) => TryParseListen(text, out _, out _)
            ? null
            : "expected one address of this host, like [2-ff00:0:222,10.0.0.2]:4433 or 10.0.0.2:4433, found "
                + $"'{text}'.";
    }
}
