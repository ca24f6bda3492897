using System.Text.Json;

namespace MqttScion.Testnet;

/// <summary>The ASes, border routers and links of a network, as the control API writes them.</summary>
internal static class NetworkJson
{
    internal static void Write(Utf8JsonWriter writer, EmulatedNetwork network)
    {
        writer.WriteStartObject();
        writer.WriteNumber("endhost_port", network.EndhostPort);
        writer.WriteStartArray("ases");
        foreach (var each in network.Topology.Ases)
            WriteAs(writer, network, each);
        writer.WriteEndArray();
        writer.WriteStartArray("links");
        foreach (var link in network.Topology.Links)
            WriteLink(writer, link);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteAs(Utf8JsonWriter writer, EmulatedNetwork network, TopologyAs each)
    {
        writer.WriteStartObject();
        writer.WriteString("isd_as", each.IsdAs.ToString());
        writer.WriteBoolean("is_core", each.IsCore);
        writer.WriteNumber("mtu", each.Mtu);
        writer.WriteString("host_address", network.HostAddressOf(each.IsdAs).ToString());
        writer.WriteString("dispatched_ports", network.DispatchedPortsOf(each.IsdAs).ToString());
        writer.WriteStartArray("routers");
        foreach (var router in network.RoutersOf(each.IsdAs))
        {
            writer.WriteStartObject();
            writer.WriteString("name", router.Name);
            writer.WriteString("internal_addr", router.InternalEndPoint.ToString());
            writer.WriteStartArray("interfaces");
            foreach (var id in router.Interfaces)
                writer.WriteNumberValue(id);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteLink(Utf8JsonWriter writer, TopologyLink link)
    {
        writer.WriteStartObject();
        writer.WriteString("a", link.A.ToString());
        writer.WriteString("b", link.B.ToString());
        writer.WriteString("type", LinkJson.NameOf(link.Type));
        writer.WriteNumber("mtu", link.Mtu);
        writer.WriteEndObject();
    }
}
