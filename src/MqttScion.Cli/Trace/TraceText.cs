using System.Globalization;
using MqttScion.Scion;

namespace MqttScion.Cli;

/// <summary>The hops of a traceroute, for people and for programs.</summary>
internal static class TraceText
{
    /// <summary>The line for a hop: router, interface, and the round trips; <c>*</c> for a lost one.</summary>
    public static string Line(int index, TracerouteHop hop)
    {
        var router = RouterOf(hop) is { } from ? ScmpWords.HostOf(from) : hop.Interface.IsdAs.ToString();
        var trips = hop.Outcomes.Select(outcome => outcome switch
        {
            ProbeOutcome.Replied replied => DurationText.Measured(replied.Rtt),
            ProbeOutcome.Refused refused => $"!({ScmpWords.DetailOf(refused)})",
            ProbeOutcome.NotSent notSent => $"!({ScmpWords.DetailOf(notSent)})",
            _ => "*",
        });
        return TerminalText.Escape(string.Create(
            CultureInfo.InvariantCulture, $"{index} {router} IfID={hop.Interface.Id} {string.Join(' ', trips)}"));
    }

    /// <summary>The whole trace as JSON.</summary>
    public static string Json(ScionPath path, IReadOnlyList<TracerouteHop> hops) => JsonText.Object(writer =>
    {
        writer.WriteString("destination", path.Destination.ToString());
        writer.WriteString("fingerprint", path.IsLocal ? "local" : path.Fingerprint);
        writer.WriteString("path", path.ToString());
        writer.WriteStartArray("hops");
        foreach (var hop in hops)
        {
            writer.WriteStartObject();
            writer.WriteString("isd_as", hop.Interface.IsdAs.ToString());
            writer.WriteNumber("interface", hop.Interface.Id);
            if (RouterOf(hop) is { } from)
                writer.WriteString("router", from.Host.ToString());
            else
                writer.WriteNull("router");
            writer.WriteStartArray("probes");
            foreach (var outcome in hop.Outcomes)
            {
                writer.WriteStartObject();
                writer.WriteString("status", ScmpWords.StatusOf(outcome));
                if (ScmpWords.DetailOf(outcome) is { } detail)
                    writer.WriteString("status_info", detail);
                if (outcome is ProbeOutcome.Replied replied)
                    JsonText.WriteMilliseconds(writer, "rtt_ms", replied.Rtt);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    });

    private static ScionEndPoint? RouterOf(TracerouteHop hop) =>
        hop.Outcomes.OfType<ProbeOutcome.Replied>().FirstOrDefault()?.From;
}
