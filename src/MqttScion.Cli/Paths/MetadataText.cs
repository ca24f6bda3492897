using System.Globalization;
using MqttScion.Scion;

namespace MqttScion.Cli;

/// <summary>What ASes announce about a path, for people. Empty values are left out.</summary>
internal static class MetadataText
{
    private const string Unknown = "?";

    /// <summary>Names and values, safe for a terminal.</summary>
    public static IEnumerable<(string Name, string Value)> Of(ScionPath path)
    {
        var metadata = path.Metadata;
        (string Name, string? Value)[] all =
        [
            ("Latency", Latency(metadata)),
            ("Bandwidth", Bandwidth(metadata)),
            ("Geo", Geo(metadata)),
            ("LinkTypes", LinkTypes(metadata)),
            ("InternalHops", InternalHops(path)),
            ("Notes", Notes(path)),
        ];
        foreach (var (name, value) in all)
        {
            if (value is not null)
                yield return (name, TerminalText.Escape(value));
        }
    }

    /// <summary>The word for a link type.</summary>
    public static string NameOf(PathLinkType type) => type switch
    {
        PathLinkType.Direct => "direct",
        PathLinkType.MultiHop => "multihop",
        PathLinkType.OpenNet => "opennet",
        _ => "unset",
    };

    private static string? Latency(PathMetadata metadata)
    {
        var known = metadata.Latencies.OfType<TimeSpan>().ToList();
        if (known.Count == 0)
            return null;
        var sum = DurationText.Of(known.Aggregate(TimeSpan.Zero, (total, each) => total + each));
        var each = metadata.Latencies.Select(one => one is { } latency ? DurationText.Of(latency) : Unknown);
        return $"{(metadata.TotalLatency is null ? $">{sum} (incomplete)" : sum)} [{string.Join(' ', each)}]";
    }

    private static string? Bandwidth(PathMetadata metadata)
    {
        var known = metadata.BandwidthsKbps.Where(each => each > 0).ToList();
        if (known.Count == 0)
            return null;
        var each = metadata.BandwidthsKbps
            .Select(one => one == 0 ? Unknown : one.ToString(CultureInfo.InvariantCulture));
        var remark = metadata.BottleneckKbps is null ? " (incomplete)" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{known.Min()}kbit/s{remark} [{string.Join(' ', each)}]");
    }

    private static string? Geo(PathMetadata metadata) => metadata.Locations.All(each => each is null)
        ? null
        : $"[{string.Join(" > ", metadata.Locations.Select(Place))}]";

    private static string Place(GeoCoordinates? place) => place is null ? Unknown : string.Create(
        CultureInfo.InvariantCulture,
        $"{place.Latitude},{place.Longitude}{(place.Address.Length > 0 ? $" (\"{place.Address}\")" : "")}");

    private static string? LinkTypes(PathMetadata metadata) =>
        metadata.LinkTypes.All(each => each == PathLinkType.Unspecified)
            ? null
            : $"[{string.Join(", ", metadata.LinkTypes.Select(NameOf))}]";

    // The ASes in transit: neither the first nor the last.
    private static string? InternalHops(ScionPath path)
    {
        var known = path.Metadata.InternalHops.Index().Where(each => each.Item > 0).ToList();
        return known.Count == 0
            ? null
            : $"[{string.Join(", ", known.Select(each => $"{path.Hops[each.Index + 1].IsdAs}: {each.Item}"))}]";
    }

    private static string? Notes(ScionPath path)
    {
        var known = path.Metadata.Notes.Index().Where(each => each.Item.Length > 0).ToList();
        return known.Count == 0
            ? null
            : $"[{string.Join(", ", known.Select(each => $"{path.Hops[each.Index].IsdAs}: \"{each.Item}\""))}]";
    }
}
