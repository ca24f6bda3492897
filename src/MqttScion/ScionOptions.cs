using MqttScion.Scion;

namespace MqttScion;

/// <summary>How the client reaches the SCION network.</summary>
public sealed class ScionOptions
{
    /// <summary>
    /// The endhost API, such as <c>http://127.0.0.1:10231</c>. Required unless <see cref="PathSource"/> is set.
    /// </summary>
    public Uri? EndhostApi { get; set; }

    /// <summary>The bearer token for the endhost API, or null for none. Never logged.</summary>
    public string? Token { get; set; }

    /// <summary>
    /// The local address to bind: an IP address and port such as <c>10.0.0.5:0</c>, or with the ISD-AS
    /// <c>[1-ff00:0:110,10.0.0.5]:0</c>. Null (the default) lets the system choose the address that leads to the first
    /// border router.
    /// </summary>
    public string? Bind { get; set; }

    /// <summary>
    /// The local ISD-AS, for a host in several. Null (the default) takes the first that has a path to the server.
    /// </summary>
    public string? LocalIsdAs { get; set; }

    /// <summary>
    /// An ACL over the ASes of a path, such as <c>- 1-ff00:0:120 +</c>; the last operator is the default.
    /// </summary>
    public string? Acl { get; set; }

    /// <summary>Where paths come from, in place of <see cref="EndhostApi"/>. The caller owns it.</summary>
    public IPathSource? PathSource { get; set; }

    /// <summary>Filters and orders paths, after <see cref="Acl"/>. Default: fewest hops first.</summary>
    public IPathPolicy? PathPolicy { get; set; }
}
