using MqttScion.Options;
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
    [OptionText]
    public string? Token { get; set; }

    /// <summary>The SCION daemon of the host: <c>127.0.0.1:30255</c> or a URL.</summary>
    [DaemonForm]
    public string? Daemon { get; set; }

    /// <summary>
    /// A <c>topology.json</c> of the AS: paths then come from its control service, without a daemon.
    /// </summary>
    [OptionPath(OptionPathTarget.LaterFile)]
    public string? TopologyFile { get; set; }

    /// <summary>
    /// A bootstrap server that gives the <c>topology.json</c>, such as <c>http://10.0.0.1:8041</c>.
    /// </summary>
    public Uri? BootstrapServer { get; set; }

    /// <summary>A file of fixed paths, see <see cref="FixedPathSource"/>; read again for each look-up.</summary>
    [OptionPath(OptionPathTarget.LaterFile)]
    public string? PathsFile { get; set; }

    /// <summary>A path source of your own. The caller owns it; nothing is cached or tried again for it.</summary>
    public IPathSource? PathSource { get; set; }

    /// <summary>
    /// The local address to bind: an IP address and port such as <c>10.0.0.5:0</c>, or with the ISD-AS
    /// <c>[1-ff00:0:110,10.0.0.5]:0</c>. Null (the default) lets the system choose the address that leads to the first
    /// border router, and a port to which the border routers of the AS deliver.
    /// </summary>
    [BindForm]
    public string? Bind { get; set; }

    /// <summary>
    /// True to ask each border router by STUN under which address it sees this host, and to send from that address: for
    /// hosts behind a NAT. Default false.
    /// </summary>
    public bool UseStun { get; set; }

    /// <summary>
    /// The local ISD-AS, for a host in several. Null (the default) takes the first that has a path to the server.
    /// </summary>
    [LocalIsdAsForm]
    public string? LocalIsdAs { get; set; }

    /// <summary>
    /// An ACL over the ASes of a path, such as <c>- 1-ff00:0:120 +</c>; the last operator is the default.
    /// </summary>
    [AclForm]
    public string? Acl { get; set; }

    /// <summary>A sequence that the path must follow, such as <c>1-ff00:0:111 0* 2-ff00:0:211</c>.</summary>
    [SequenceForm]
    public string? Sequence { get; set; }

    /// <summary>
    /// Filters and orders paths, after <see cref="Acl"/> and <see cref="Sequence"/>. Default: fewest hops first.
    /// </summary>
    public IPathPolicy? PathPolicy { get; set; }

    /// <summary>
    /// How often a path that is not in use is probed, so that it is known which one to use when the present one fails:
    /// a small SCMP traceroute to its last border router. Default 30 s; 1 s to 1 h; null for no probes.
    /// </summary>
    [OptionRange("00:00:01", "01:00:00")]
    public TimeSpan? ProbeInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary><see cref="Acl"/>, <see cref="Sequence"/> and <see cref="PathPolicy"/> as one policy.</summary>
    /// <exception cref="FormatException">A text is malformed.</exception>
    public IPathPolicy ToPolicy()
    {
        var policy = PathPolicy ?? PathPolicies.FewestHops();
        policy = Sequence is null ? policy : SequencePolicy.Parse(Sequence).Then(policy);
        return Acl is null ? policy : AclPolicy.Parse(Acl).Then(policy);
    }

    /// <summary>A copy of these options.</summary>
    internal ScionOptions Copy()
    {
        var copy = new ScionOptions();
        OptionTable.Of<ScionOptions>().Copy(this, copy);
        return copy;
    }

    /// <summary>What is missing; the values by themselves are checked by the table of the options.</summary>
    /// <param name="needsPaths">True where a peer is on SCION.</param>
    public IEnumerable<string> FindMissing(bool needsPaths) =>
        needsPaths && PathSource is null && PathsFile is null && EndhostApi is null && Daemon is null
        && TopologyFile is null && BootstrapServer is null && PathSources.DaemonOfEnvironment() is null
            ? [NoSource]
            : [];

    private sealed class DaemonFormAttribute : OptionTextAttribute
    {
        protected override string? FaultOf(string text) => PathSources.TryParseDaemon(text, out _)
            ? null
            : $"expected a form like 127.0.0.1:30255 or a URL, found '{text}'.";
    }

    private sealed class BindFormAttribute : OptionTextAttribute
    {
        protected override string? FaultOf(string text) => BindAddress.TryParse(text, out _)
            ? null
            : $"expected a form like 10.0.0.5:0 or [1-ff00:0:110,10.0.0.5]:0, found '{text}'.";
    }

    private sealed class LocalIsdAsFormAttribute : OptionTextAttribute
    {
        protected override string? FaultOf(string text) => IsdAs.TryParse(text, out var isdAs) && !isdAs.IsWildcard
            ? null
            : $"expected a form like 1-ff00:0:110, found '{text}'.";
    }

    private sealed class AclFormAttribute : OptionTextAttribute
    {
        protected override string? FaultOf(string text) => AclPolicy.TryParse(text, out _, out var problem)
            ? null
            : problem;
    }

    private sealed class SequenceFormAttribute : OptionTextAttribute
    {
        protected override string? FaultOf(string text) => SequencePolicy.TryParse(text, out _, out var problem)
            ? null
            : problem;
    }
}
