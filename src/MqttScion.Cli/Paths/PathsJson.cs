using System.Globalization;
using System.Text.Json;
using MqttScion.Scion;

namespace MqttScion.Cli;

/// <summary>Paths for programs. The keys are stable and those of scionproto's <c>showpaths</c> where it has them.
/// </summary>
internal static class PathsJson
{
    private const long NanosecondsPerTick = 100;

    /// <summary>The JSON text.</summary>
    /// <param name="report">The paths.</param>
    /// <param name="isExplained">True to tell what the policy says of each.</param>
    public static string Of(PathsReport report, bool isExplained) => JsonText.Object(writer =>
    {
        writer.WriteString("local_isd_as", report.Local.ToString());
        writer.WriteString("destination", report.Destination.ToString());
        writer.WriteStartArray("paths");
        foreach (var row in report.Rows)
        {
            writer.WriteStartObject();
            WritePath(writer, row.Path);
            if (isExplained)
            {
                writer.WriteBoolean("allowed", row.Verdict.IsAllowed);
                writer.WriteString("why", row.Verdict.Why);
            }
            if (row.Outcome is { } outcome)
                WriteStatus(writer, report, outcome);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    });

    private static void WritePath(Utf8JsonWriter writer, ScionPath path)
    {
        writer.WriteString("fingerprint", path.IsLocal ? "local" : path.Fingerprint);
        WriteArray(writer, "hops", path.Interfaces, each =>
        {
            writer.WriteStartObject();
            writer.WriteNumber("interface", each.Id);
            writer.WriteString("isd_as", each.IsdAs.ToString());
            writer.WriteEndObject();
        });
        writer.WriteString("sequence", string.Join(' ', path.Hops));
        writer.WriteString("next_hop", path.NextHop?.ToString() ?? "");
        writer.WriteString(
            "expiry", path.Expiry.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        writer.WriteNumber("mtu", path.Mtu);
        var metadata = path.Metadata;
        // In nanoseconds, -1 for unknown, as scionproto writes it.
        WriteArray(
            writer,
            "latency",
            metadata.Latencies,
            each => writer.WriteNumberValue(each?.Ticks * NanosecondsPerTick ?? -1));
        WriteArray(writer, "bandwidth_kbps", metadata.BandwidthsKbps, each => writer.WriteNumberValue(each));
        WriteArray(writer, "geo", metadata.Locations, each => WriteLocation(writer, each));
        WriteArray(
            writer, "link_types", metadata.LinkTypes, each => writer.WriteStringValue(MetadataText.NameOf(each)));
        WriteArray(writer, "internal_hops", metadata.InternalHops, each => writer.WriteNumberValue(each));
        WriteArray(writer, "notes", metadata.Notes, each => writer.WriteStringValue(each));
    }

    private static void WriteLocation(Utf8JsonWriter writer, GeoCoordinates? location)
    {
        if (location is null)
        {
            writer.WriteNullValue();
            return;
        }
        writer.WriteStartObject();
        WriteDegrees(writer, "latitude", location.Latitude);
        WriteDegrees(writer, "longitude", location.Longitude);
        writer.WriteString("address", location.Address);
        writer.WriteEndObject();
    }

    // What an AS announces need not be a number.
    private static void WriteDegrees(Utf8JsonWriter writer, string name, float degrees)
    {
        if (float.IsFinite(degrees))
            writer.WriteNumber(name, degrees);
        else
            writer.WriteNull(name);
    }

    private static void WriteStatus(Utf8JsonWriter writer, PathsReport report, ProbeOutcome outcome)
    {
        writer.WriteString("status", ScmpWords.StatusOf(outcome));
        if (ScmpWords.DetailOf(outcome) is { } detail)
            writer.WriteString("status_info", detail);
        if (report.LocalAddress is { } local)
            writer.WriteString("local_ip", local.ToString());
        if (outcome is ProbeOutcome.Replied replied)
            JsonText.WriteMilliseconds(writer, "rtt_ms", replied.Rtt);
    }

    private static void WriteArray<T>(Utf8JsonWriter writer, string name, IReadOnlyList<T> values, Action<T> write)
    {
        writer.WriteStartArray(name);
        foreach (var value in values)
            write(value);
        writer.WriteEndArray();
    }
}
