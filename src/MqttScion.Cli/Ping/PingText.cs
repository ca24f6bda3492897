using System.Globalization;
using MqttScion.Scion;

namespace MqttScion.Cli;

/// <summary>Pings for people, in the customary form.</summary>
internal sealed class PingText : IPingPrinter
{
    public string Start(Destination destination, ScionEndPoint local, int payloadLength) => string.Create(
        CultureInfo.InvariantCulture,
        $"PING {destination} from {ScmpWords.HostOf(local)}, {payloadLength} bytes of data");

    public string Outcome(int sequence, Destination destination, PingResult result) => result.Outcome switch
    {
        ProbeOutcome.Replied replied => string.Create(
            CultureInfo.InvariantCulture,
            $"{replied.PayloadLength} bytes from {ScmpWords.HostOf(replied.From)}: scmp_seq={sequence} "
            + $"time={DurationText.Measured(replied.Rtt)}"),
        ProbeOutcome.Refused refused => string.Create(
            CultureInfo.InvariantCulture,
            $"From {ScmpWords.HostOf(refused.From)}: scmp_seq={sequence} {ScmpWords.Of(refused.Scmp)}"),
        _ => string.Create(
            CultureInfo.InvariantCulture, $"scmp_seq={sequence} {ScmpWords.DetailOf(result.Outcome)}"),
    };

    public string? Path(PathEvent pathEvent) => pathEvent switch
    {
        PathEvent.Selected { Previous: null } selected => $"Using path: {selected.Path}",
        PathEvent.Selected selected => $"Using path ({selected.Why}): {selected.Path}",
        PathEvent.Down down => $"Path down ({down.Why}): {down.Path}",
        PathEvent.Expired expired => $"Path expired: {expired.Path}",
        _ => null,
    };

    public IEnumerable<string> End(Destination destination, PingStatistics statistics, TimeSpan elapsed)
    {
        yield return "";
        yield return $"--- {destination} ping statistics ---";
        var errors = statistics.Errors > 0 ? $", {statistics.Errors} errors" : "";
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"{statistics.Sent} sent, {statistics.Received} received{errors}, {statistics.Loss * 100:0.#}% loss, "
            + $"time {DurationText.Of(TimeSpan.FromMilliseconds(Math.Round(elapsed.TotalMilliseconds)))}");
        if (statistics.Received > 0)
        {
            TimeSpan[] figures = [statistics.Least, statistics.Average, statistics.Most, statistics.Deviation];
            var values = figures.Select(each => each.TotalMilliseconds.ToString("0.000", CultureInfo.InvariantCulture));
            yield return $"rtt min/avg/max/mdev = {string.Join('/', values)} ms";
        }
    }
}
