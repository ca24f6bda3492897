using System.Globalization;
using System.Net;
using System.Text.Json;
using MqttScion.Scion;

namespace MqttScion.Testnet;

/// <summary>Writes the <c>topology.json</c> of an AS, in the form of scionproto.</summary>
public static class TopologyJson
{
    /// <summary>Writes it.</summary>
    /// <param name="topology">The network, which has the links of the AS.</param>
    /// <param name="isdAs">The AS.</param>
    /// <param name="routers">Its border routers; those of other ASes are left out.</param>
    /// <param name="ports">The ports to which they deliver.</param>
    /// <param name="controlServices">Its control services.</param>
    /// <param name="underlayOf">
    /// The address of the router of an interface towards its link; null to leave out the addresses of links.
    /// </param>
    /// <exception cref="KeyNotFoundException">The network has no such AS.</exception>
    public static byte[] Write(
        Topology topology,
        IsdAs isdAs,
        IEnumerable<EndhostApiRouter> routers,
        PortRange ports,
        IEnumerable<IPEndPoint> controlServices,
        Func<PathInterface, IPEndPoint>? underlayOf = null)
    {
        var local = topology.As(isdAs);
        var links = topology.LinksOf(isdAs).ToDictionary(link => link.Local.Id);
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteStartArray("attributes");
            if (local.IsCore)
                json.WriteStringValue("core");
            json.WriteEndArray();
            json.WriteString("isd_as", isdAs.ToString());
            json.WriteNumber("mtu", local.Mtu);
            json.WriteString("dispatched_ports", ports.ToString());
            WriteServices(json, "control_service", "cs", isdAs, controlServices);
            json.WriteStartObject("border_routers");
            foreach (var (i, router) in routers.Where(each => each.IsdAs == isdAs).Index())
            {
                json.WriteStartObject(NameOf("br", isdAs, i));
                json.WriteString("internal_addr", router.Address.ToString());
                json.WriteStartObject("interfaces");
                foreach (var link in router.Interfaces.Select(id => links[id]))
                {
                    WriteInterface(json, link, underlayOf);
                }
                json.WriteEndObject();
                json.WriteEndObject();
            }
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }

    private static void WriteServices(
        Utf8JsonWriter json, string key, string prefix, IsdAs isdAs, IEnumerable<IPEndPoint> services)
    {
        json.WriteStartObject(key);
        foreach (var (i, address) in services.Index())
        {
            json.WriteStartObject(NameOf(prefix, isdAs, i));
            json.WriteString("addr", address.ToString());
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static void WriteInterface(
        Utf8JsonWriter json, LocalLink link, Func<PathInterface, IPEndPoint>? underlayOf)
    {
        json.WriteStartObject(link.Local.Id.ToString(CultureInfo.InvariantCulture));
        if (underlayOf is not null)
        {
            json.WriteStartObject("underlay");
            json.WriteString("local", underlayOf(link.Local).ToString());
            json.WriteString("remote", underlayOf(link.Remote).ToString());
            json.WriteEndObject();
        }
        json.WriteString("isd_as", link.Remote.IsdAs.ToString());
        json.WriteString("link_to", link.Link.Type switch
        {
            TopologyLinkType.Core => "core",
            TopologyLinkType.Peer => "peer",
            _ => link.IsToChild ? "child" : "parent",
        });
        json.WriteNumber("mtu", link.Link.Mtu);
        if (link.Link.Type == TopologyLinkType.Peer)
            json.WriteNumber("remote_interface_id", link.Remote.Id);
        json.WriteEndObject();
    }

    /// <summary>Such as <c>br1-ff00_0_110-1</c>.</summary>
    private static string NameOf(string prefix, IsdAs isdAs, int index) => string.Create(
        CultureInfo.InvariantCulture, $"{prefix}{isdAs.Isd}-{IsdAs.FormatAs(isdAs.As, '_')}-{index + 1}");
}
