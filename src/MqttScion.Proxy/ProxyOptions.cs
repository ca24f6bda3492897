using System.Net;
using MqttScion.Options;
using MqttScion.Scion;

namespace MqttScion.Proxy;

/// <summary>The options of a proxy in QuicEndpoint mode. Checked and copied when the proxy starts.</summary>
public sealed class ProxyOptions
{
    /// <summary>What a broker's address must look like.</summary>
    internal const string BrokerForm = "expected a host, or host:port with a port from 1 to 65535";

    private const ushort DefaultBrokerPort = 1883;

    /// <summary>
    /// The SCION address to listen on, such as <c>[2-ff00:0:222,10.0.0.2]:4433</c>. Required; port 0 lets the system
    /// choose.
    /// </summary>
    [ListenForm(IsRequired = true)]
    public string Listen { get; set; } = "";

    /// <summary>
    /// The broker's host name or IP address and TCP port, 1883 unless another is given. Default <c>127.0.0.1:1883</c>.
    /// </summary>
    [BrokerForm(IsRequired = true)]
    public string Broker { get; set; } = "127.0.0.1:1883";

    /// <summary>
    /// The certificates: the proxy's own, and the CA of its clients. The files are read again, at most once a second,
    /// so that renewed certificates and revocations count for clients that connect later.
    /// </summary>
    [OptionGroup<TlsOptions>]
    public TlsOptions Tls { get; } = new();

    /// <summary>
    /// True issues session tickets, with which a client that comes back resumes its TLS session: neither side sends or
    /// signs certificates; the client's of the earlier session is checked again, revocation lists and all. A ticket is
    /// good for 6 hours, and ends with the proxy. Early data (0-RTT) is not taken, as it could be replayed. Default
    /// false: full handshakes.
    /// </summary>
    public bool SessionTickets { get; set; }

    /// <summary>How long connecting to the broker may take. Default 5 s; 100 ms to 5 min.</summary>
    [OptionRange("00:00:00.100", "00:05:00")]
    public TimeSpan BrokerConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// When one side has closed: how long the other may go without accepting any of what was sent to it before, and a
    /// broker without closing after its client has. Default 30 s; 100 ms to 1 h.
    /// </summary>
    [OptionRange("00:00:00.100", "01:00:00")]
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a client may be silent before it counts as lost. Default 30 s; 1 s to 10 min.</summary>
    [OptionRange("00:00:01", "00:10:00")]
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a client may be connected without opening its stream; then it is closed with 0x105. Default 10 s;
    /// 100 ms to 10 min.
    /// </summary>
    [OptionRange("00:00:00.100", "00:10:00")]
    public TimeSpan FirstStreamTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How many clients may be connected at once. Default 1,000; 1 to 100,000.</summary>
    [OptionRange(1, 100_000)]
    public int MaxSessions { get; set; } = 1000;

    /// <summary>
    /// How many bytes each direction of a session buffers before it pushes back. Default 256 KiB; 4 KiB to 64 MiB.
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
    public IReadOnlyList<string> Validate() =>
        [.. OptionTable.Of<ProxyOptions>().FindFaults(this), .. Tls.FindMissing(isMutual: true)];

    /// <summary>What is wrong with an address to listen on; null when nothing is.</summary>
    internal static string? FaultOfListen(string text)
    {
        if (!ScionEndPoint.TryParse(text, out var listen) || !listen.TryGetIPEndPoint(out var address))
        {
            return $"expected a SCION address like [2-ff00:0:222,10.0.0.2]:4433, found '{text}'.";
        }
        return address.Address.Equals(IPAddress.Any) || address.Address.Equals(IPAddress.IPv6Any)
            ? $"expected one address of this host, at which clients reach it, found {address.Address}."
            : null;
    }

    /// <summary>Reads <c>host:port</c> or a host alone, with IPv6 in brackets.</summary>
    internal static bool TryParseBroker(string text, out DnsEndPoint broker)
    {
        broker = new DnsEndPoint("127.0.0.1", DefaultBrokerPort);
        var colon = text.LastIndexOf(':');
        var isBareIPv6 = !text.StartsWith('[') && IPAddress.TryParse(text, out _);
        var hasPort = colon > text.LastIndexOf(']') && !isBareIPv6;
        ushort port = DefaultBrokerPort;
        if (hasPort && (!ushort.TryParse(text.AsSpan(colon + 1), out port) || port == 0))
        {
            return false;
        }
        var host = (hasPort ? text[..colon] : text).Trim('[', ']');
        if (Uri.CheckHostName(host) == UriHostNameType.Unknown)
        {
            return false;
        }
        broker = new DnsEndPoint(host, port);
        return true;
    }

    private sealed class ListenFormAttribute : OptionTextAttribute
    {
        protected override string? FaultOf(string text) => FaultOfListen(text);
    }

    private sealed class BrokerFormAttribute : OptionTextAttribute
    {
        protected override string? FaultOf(string text) =>
            TryParseBroker(text, out _) ? null : $"{BrokerForm}, found '{text}'.";
    }
}
