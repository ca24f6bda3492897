using System.Globalization;
using MqttScion.Scion;

namespace MqttScion.Cli;

/// <summary>Paths for people, in the form of scionproto's <c>showpaths</c>.</summary>
internal static class PathsText
{
    /// <summary>The lines, safe for a terminal.</summary>
    /// <param name="report">The paths.</param>
    /// <param name="isExtended">True to tell all that is known of each, a line each.</param>
    /// <param name="isGrouped">True to put a line before the paths of each number of hops.</param>
    /// <param name="isExplained">True to tell what the policy says of each.</param>
    public static IEnumerable<string> Lines(PathsReport report, bool isExtended, bool isGrouped, bool isExplained)
    {
        yield return $"Available paths to {report.Destination}";
        var width = (report.Rows.Count - 1).ToString(CultureInfo.InvariantCulture).Length;
        var hops = 0;
        foreach (var (i, row) in report.Rows.Index())
        {
            if (isGrouped && hops != row.Path.Hops.Count)
                yield return string.Create(CultureInfo.InvariantCulture, $"{hops = row.Path.Hops.Count} Hops:");
            var separator = isExtended ? "\n" + new string(' ', width + 3) : " ";
            var index = i.ToString(CultureInfo.InvariantCulture).PadLeft(width);
            var entries = Entries(report, row, isExtended, isExplained).Select(each => $"{each.Name}: {each.Value}");
            foreach (var line in $"[{index}] {string.Join(separator, entries)}".Split('\n'))
                yield return line;
        }
    }

    private static IEnumerable<(string Name, string Value)> Entries(
        PathsReport report, PathRow row, bool isExtended, bool isExplained)
    {
        var path = row.Path;
        yield return ("Hops", $"[{path}]");
        yield return ("MTU", path.Mtu.ToString(CultureInfo.InvariantCulture));
        yield return ("NextHop", path.NextHop?.ToString() ?? "none");
        if (isExtended)
        {
            var expiry = path.Expiry.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
            yield return ("Expires", $"{expiry} ({DurationText.Remaining(path.Expiry - report.At)})");
            foreach (var entry in MetadataText.Of(path))
                yield return entry;
            if (!path.IsLocal)
                yield return ("Fingerprint", path.Fingerprint);
        }
        if (isExplained)
            yield return ("Policy", TerminalText.Escape(Explanation(row.Verdict)));
        foreach (var entry in Status(report, row))
            yield return entry;
    }

    private static IEnumerable<(string Name, string Value)> Status(PathsReport report, PathRow row)
    {
        if (row.Outcome is not { } outcome)
            yield break;
        // A time-out says all by its name.
        var detail = outcome is ProbeOutcome.TimedOut ? null : ScmpWords.DetailOf(outcome);
        var remark = detail is null ? "" : $" ({TerminalText.Escape(detail)})";
        yield return ("Status", ScmpWords.StatusOf(outcome) + remark);
        if (outcome is ProbeOutcome.Replied replied)
            yield return ("RTT", DurationText.Measured(replied.Rtt));
        if (report.LocalAddress is { } local)
            yield return ("LocalIP", local.ToString());
    }

    // The reasons begin with "allowed" or "denied" themselves, mostly.
    private static string Explanation(PathVerdict verdict)
    {
        var word = verdict.IsAllowed ? "allowed" : "denied";
        return verdict.Why.StartsWith(word, StringComparison.Ordinal) ? verdict.Why : $"{word}: {verdict.Why}";
    }
}
