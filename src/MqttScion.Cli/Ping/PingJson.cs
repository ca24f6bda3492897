using System.Text.Json;
using MqttScion.Scion;

namespace MqttScion.Cli;

/// <summary>Pings for programs: an object on each line, which its <c>event</c> names.</summary>
internal sealed class PingJson : IPingPrinter
{
    public string Start(Destination destination, ScionEndPoint local, int payloadLength) => Line("start", writer =>
    {
        writer.WriteString("destination", destination.ToString());
        writer.WriteString("local", ScmpWords.HostOf(local));
        writer.WriteNumber("bytes", payloadLength);
    });

    public string Outcome(int sequence, Destination destination, PingResult result)
    {
        var name = result.Outcome switch
        {
            ProbeOutcome.Replied => "reply",
            ProbeOutcome.Refused => "error",
            ProbeOutcome.TimedOut => "timeout",
            _ => "unsent",
        };
        return Line(name, writer =>
        {
            writer.WriteNumber("scmp_seq", sequence);
            if (result.Path is { } path)
                writer.WriteString("fingerprint", path.IsLocal ? "local" : path.Fingerprint);
            switch (result.Outcome)
            {
                case ProbeOutcome.Replied replied:
                    writer.WriteString("from", ScmpWords.HostOf(replied.From));
                    writer.WriteNumber("bytes", replied.PayloadLength);
                    JsonText.WriteMilliseconds(writer, "rtt_ms", replied.Rtt);
                    break;
                case ProbeOutcome.Refused refused:
                    writer.WriteString("from", ScmpWords.HostOf(refused.From));
                    writer.WriteString("scmp", refused.Scmp.ToString());
                    writer.WriteString("why", ScmpWords.Of(refused.Scmp));
                    JsonText.WriteMilliseconds(writer, "rtt_ms", refused.Rtt);
                    break;
                default:
                    writer.WriteString("why", ScmpWords.DetailOf(result.Outcome));
                    break;
            }
        });
    }

    public string? Path(PathEvent pathEvent) => pathEvent switch
    {
        PathEvent.Selected selected => PathLine("path_selected", selected.Path, selected.Why),
        PathEvent.Down down => PathLine("path_down", down.Path, down.Why),
        PathEvent.Expired expired => PathLine("path_expired", expired.Path, why: null),
        _ => null,
    };

    public IEnumerable<string> End(Destination destination, PingStatistics statistics, TimeSpan elapsed)
    {
        yield return Line("statistics", writer =>
        {
            writer.WriteNumber("sent", statistics.Sent);
            writer.WriteNumber("received", statistics.Received);
            writer.WriteNumber("errors", statistics.Errors);
            writer.WriteNumber("loss", Math.Round(statistics.Loss, digits: 4));
            JsonText.WriteMilliseconds(writer, "time_ms", elapsed);
            if (statistics.Received == 0)
                return;
            JsonText.WriteMilliseconds(writer, "rtt_min_ms", statistics.Least);
            JsonText.WriteMilliseconds(writer, "rtt_avg_ms", statistics.Average);
            JsonText.WriteMilliseconds(writer, "rtt_max_ms", statistics.Most);
            JsonText.WriteMilliseconds(writer, "rtt_mdev_ms", statistics.Deviation);
        });
    }

    private static string PathLine(string name, ScionPath path, string? why) => Line(name, writer =>
    {
        writer.WriteString("fingerprint", path.IsLocal ? "local" : path.Fingerprint);
        writer.WriteString("path", path.ToString());
        if (why is not null)
            writer.WriteString("why", why);
    });

    private static string Line(string name, Action<Utf8JsonWriter> write) => JsonText.Line(writer =>
    {
        writer.WriteString("event", name);
        write(writer);
    });
}
