using System.Globalization;
using System.Net;
using System.Text;

namespace MqttScion.Cli;

/// <summary>The local ASes and addresses, for people and for programs.</summary>
internal static class AddressText
{
    /// <summary>For people.</summary>
    public static string Text(string sourceKind, string sourcePlace, IReadOnlyList<LocalAddress> addresses)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{sourceKind} {TerminalText.Escape(sourcePlace)}");
        foreach (var (local, _) in addresses)
        {
            var role = local.IsCore switch { true => " (core)", false => " (no core)", _ => "" };
            text.AppendLine().Append(CultureInfo.InvariantCulture, $"{local.IsdAs}{role}");
            var scion = addresses.First(each => each.Local == local).Scion;
            Line("address", scion ?? "unknown: the source names no border router");
            Line("mtu", local.Mtu?.ToString(CultureInfo.InvariantCulture) ?? "unknown");
            Line("ports", local.DispatchedPorts?.ToString() ?? "unknown");
            foreach (var (router, interfaces) in ByRouter(local.Routers))
                Line("router", $"{router} with interfaces {string.Join(", ", interfaces)}");
        }
        return text.ToString();

        void Line(string name, string value) =>
            text.AppendLine().Append(CultureInfo.InvariantCulture, $"  {name,-8} {value}");
    }

    /// <summary>For programs.</summary>
    public static string Json(string sourceKind, string sourcePlace, IReadOnlyList<LocalAddress> addresses) =>
        JsonText.Object(writer =>
        {
            writer.WriteStartObject("source");
            writer.WriteString("kind", sourceKind);
            writer.WriteString("place", sourcePlace);
            writer.WriteEndObject();
            writer.WriteStartArray("local");
            foreach (var address in addresses)
            {
                var local = address.Local;
                writer.WriteStartObject();
                writer.WriteString("isd_as", local.IsdAs.ToString());
                writer.WriteString("address", address.Scion);
                writer.WriteString("ip", address.Address?.ToString());
                if (local.IsCore is { } isCore)
                    writer.WriteBoolean("is_core", isCore);
                else
                    writer.WriteNull("is_core");
                if (local.Mtu is { } mtu)
                    writer.WriteNumber("mtu", mtu);
                else
                    writer.WriteNull("mtu");
                writer.WriteString("ports", local.DispatchedPorts?.ToString());
                writer.WriteStartArray("routers");
                foreach (var (router, interfaces) in ByRouter(local.Routers))
                {
                    writer.WriteStartObject();
                    writer.WriteString("address", router.ToString());
                    writer.WriteStartArray("interfaces");
                    foreach (var id in interfaces)
                        writer.WriteNumberValue(id);
                    writer.WriteEndArray();
                    writer.WriteEndObject();
                }
                writer.WriteEndArray();
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
        });

    private static IEnumerable<(IPEndPoint Router, IReadOnlyList<ushort> Interfaces)> ByRouter(
        IReadOnlyDictionary<ushort, IPEndPoint> routers) => routers
        .GroupBy(each => each.Value, each => each.Key)
        .Select(group => (group.Key, (IReadOnlyList<ushort>)[.. group.Order()]))
        .OrderBy(each => each.Item2[0]);
}
