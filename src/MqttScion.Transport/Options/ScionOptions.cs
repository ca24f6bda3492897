using MqttScion.Scion;

namespace MqttScion;

/// <summary>How the client reaches the SCION network.</summary>
/// <remarks>
/// One path source is needed to reach servers on SCION. When several are set, the first of these counts:
/// <see cref="PathSource"/>,
/// <see cref="PathsFile"/>, <see cref="EndhostApi"/>, <see cref="Daemon"/>, <see cref="TopologyFile"/>,
/// <see cref="BootstrapServer"/>; when none is, the environment variable <c>SCION_DAEMON</c>.
/// </remarks>
public sealed class ScionOptions
{
    internal const string NoSource =
        "Scion.EndhostApi: expected a source of paths: a URL like http://127.0.0.1:10231, or one of Scion.Daemon, "
        + "Scion.TopologyFile, Scion.BootstrapServer, Scion.PathsFile, Scion.PathSource or the environment variable "
        + "SCION_DAEMON; found none.";

    /// <summary>The endhost API, such as <c>http://127.0.0.1:10231</c>.</summary>
    public Uri? EndhostApi { get; set; }

    /// <summary>The bearer token for the endhost API, or null for none. Never logged.</summary>
    public string? Token { get; set; }

    /// <summary>The SCION daemon of the host: <c>127.0.0.1:30255</c> or a URL.</summary>
    public string? Daemon { get; set; }

    /// <summary>
    /// A <c>topology.json</c> of the AS: paths then come from its control service, without a daemon.
    /// </summary>
    public string? TopologyFile { get; set; }

    /// <summary>
    /// A bootstrap server that gives the <c>topology.json</c>, such as <c>http://10.0.0.1:8041</c>.
    /// </summary>
    public Uri? BootstrapServer { get; set; }

    /// <summary>A file of fixed paths, see <see cref="FixedPathSource"/>; read again for each look-up.</summary>
    public string? PathsFile { get; set; }

    /// <summary>A path source of your own. The caller owns it; nothing is cached or tried again for it.</summary>
    public IPathSource? PathSource { get; set; }

    /// <summary>
    /// The local address to bind: an IP address and port such as <c>10.0.0.5:0</c>, or with the ISD-AS
    /// <c>[1-ff00:0:110,10.0.0.5]:0</c>. Null (the default) lets the system choose the address that leads to the first
    /// border router, and a port to which the border routers of the AS deliver.
    /// </summary>
    public string? Bind { get; set; }

    /// <summary>
    /// True to ask each border router by STUN under which address it sees this host, and to send from that address: for
    /// hosts behind a NAT. Default false.
    /// </summary>
    public bool UseStun { get; set; }

    /// <summary>
    /// The local ISD-AS, for a host in several. Null (the default) takes the first that has a path to the server.
    /// </summary>
    public string? LocalIsdAs { get; set; }

    /// <summary>
    /// An ACL over the ASes of a path, such as <c>- 1-ff00:0:120 +</c>; the last operator is the default.
    /// </summary>
    public string? Acl { get; set; }

    /// <summary>A sequence that the path must follow, such as <c>1-ff00:0:111 0* 2-ff00:0:211</c>.</summary>
    public string? Sequence { get; set; }

    /// <summary>
    /// Filters and orders paths, after <see cref="Acl"/> and <see cref="Sequence"/>. Default: fewest hops first.
    /// </summary>
    public IPathPolicy? PathPolicy { get; set; }

    /// <summary>
    /// How often a path that is not in use is probed, so that it is known which one to use when the present one fails:
    /// a small SCMP traceroute to its last border router. Default 30 s; 1 s to 1 h; null for no probes.
    /// </summary>
    public TimeSpan? ProbeInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary><see cref="Acl"/>, <see cref="Sequence"/> and <see cref="PathPolicy"/> as one policy.</summary>
    /// <exception cref="FormatException">A text is malformed.</exception>
    public IPathPolicy ToPolicy()
    {
        var policy = PathPolicy ?? PathPolicies.FewestHops();
        policy = Sequence is null ? policy : SequencePolicy.Parse(Sequence).Then(policy);
        return Acl is null ? policy : AclPolicy.Parse(Acl).Then(policy);
    }

    /// <summary>A copy of what says where paths come from.</summary>
    internal ScionOptions CopySource() => new()
    {
        EndhostApi = EndhostApi,
        Token = Token,
        Daemon = Daemon,
        TopologyFile = TopologyFile,
        BootstrapServer = BootstrapServer,
        PathsFile = PathsFile,
        PathSource = PathSource,
    };

    internal void Validate(OptionFaults faults, bool needsPaths)
    {
        if (needsPaths && PathSource is null && PathsFile is null && EndhostApi is null && Daemon is null
            && TopologyFile is null && BootstrapServer is null && PathSources.DaemonOfEnvironment() is null)
        {
            faults.Add(NoSource);
        }
        if (ProbeInterval is { } interval)
        {
            faults.RequireRange("Scion.ProbeInterval", interval, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        }
        RequireHttp(faults, "Scion.EndhostApi", EndhostApi);
        RequireHttp(faults, "Scion.BootstrapServer", BootstrapServer);
        if (Daemon is { } daemon && !PathSources.TryParseDaemon(daemon, out _))
        {
            faults.Add($"Scion.Daemon: expected a form like 127.0.0.1:30255 or a URL, found '{daemon}'.");
        }
        if (Bind is { } bind && !BindAddress.TryParse(bind, out _))
        {
            faults.Add($"Scion.Bind: expected a form like 10.0.0.5:0 or [1-ff00:0:110,10.0.0.5]:0, found '{bind}'.");
        }
        if (LocalIsdAs is { } local && (!IsdAs.TryParse(local, out var isdAs) || isdAs.IsWildcard))
        {
            faults.Add($"Scion.LocalIsdAs: expected a form like 1-ff00:0:110, found '{local}'.");
        }
        if (Acl is { } acl && !AclPolicy.TryParse(acl, out _, out var problem))
        {
            faults.Add($"Scion.Acl: {problem}");
        }
        if (Sequence is { } sequence && !SequencePolicy.TryParse(sequence, out _, out var fault))
        {
            faults.Add($"Scion.Sequence: {fault}");
        }
    }

    private static void RequireHttp(OptionFaults faults, string name, Uri? url)
    {
        if (url is not null && (!url.IsAbsoluteUri || url.Scheme is not ("http" or "https")))
        {
            faults.Add($"{name}: expected an absolute http or https URL, found '{url}'.");
        }
    }
}
