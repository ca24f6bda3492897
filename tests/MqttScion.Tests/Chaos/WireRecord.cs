using System.Globalization;

namespace MqttScion.Tests.Chaos;

/// <summary>
/// The packets that passed between proxy and broker, and whose fault it is when messages come in another order or
/// once more.
/// </summary>
internal sealed class WireRecord
{
    private const int MostLines = 5;

    private readonly Lock _gate = new();
    private readonly List<WirePacket> _packets = [];

    public void Add(WirePacket packet)
    {
        lock (_gate)
        {
            _packets.Add(packet);
        }
    }

    /// <summary>
    /// What a publisher did against the order of its messages [MQTT-4.6.0-1] [MQTT-4.6.0-4], and the QoS 2 messages
    /// whose flow it began twice [MQTT-4.3.3-7].
    /// </summary>
    public IReadOnlyList<string> PublisherFaults(string clientId)
    {
        var faults = new List<string>();
        var flows = new WireFlows();
        var ladders = new Dictionary<int, WireLadder>
        {
            [WirePacket.PubAck] = new("PUBLISH of QoS 1"),
            [WirePacket.PubRec] = new("PUBLISH of QoS 2"),
            [WirePacket.PubComp] = new("PUBREL"),
        };
        foreach (var packet in Of(clientId))
        {
            flows.Follow(packet, isFromSender: packet.IsToBroker);
            switch (packet.Type)
            {
                case WirePacket.Publish when packet.IsToBroker:
                    var answer = packet.Quality == 1 ? WirePacket.PubAck : WirePacket.PubRec;
                    ladders[answer].Leave(packet.Number, packet, faults);
                    break;
                case WirePacket.PubRel when packet.IsToBroker && flows.NumberOf(packet) is { } number:
                    ladders[WirePacket.PubComp].Leave(number, packet, faults);
                    break;
                case WirePacket.PubAck or WirePacket.PubRec or WirePacket.PubComp
                    when !packet.IsToBroker && flows.NumberOf(packet) is { } answered:
                    ladders[packet.Type].Answer(answered);
                    break;
            }
        }
        faults.AddRange(flows.Repeated.Select(number => $"The publisher began the flow of {number} again."));
        return faults;
    }

    /// <summary>Where a broker that has got messages in their order sent one before a smaller one.</summary>
    public IReadOnlyList<string> Overtakings(string clientId, int quality, string publisherId)
    {
        var taken = FirstTimes(Of(publisherId), quality, isToBroker: true);
        var sent = FirstTimes(Of(clientId), quality, isToBroker: false);
        var lines = new List<string>();
        var largest = sent.Count == 0 ? (Number: 0, default) : sent[0];
        var takenAt = taken.ToDictionary(t => t.Number, t => t.Time);
        foreach (var next in sent)
        {
            if (next.Number < largest.Number && lines.Count < MostLines)
            {
                lines.Add(
                    $"The broker sent {next.Number} (taken at {At(takenAt, next.Number)}) to '{clientId}' at "
                    + $"{Seconds(next.Time)}, behind {largest.Number} (taken at {At(takenAt, largest.Number)}, sent "
                    + $"at {Seconds(largest.Time)}).");
            }
            largest = next.Number > largest.Number ? next : largest;
        }
        return lines;
    }

    /// <summary>
    /// How what a subscriber delivered differs from what the broker sent it: another order, a message that was never
    /// sent, or a QoS 2 message delivered more often than the broker began its flow.
    /// </summary>
    /// <remarks>
    /// Of each connection a beginning may have come. In it each message was delivered when it was sent, but for
    /// repetitions, which the client may know.
    /// </remarks>
    public IReadOnlyList<string> SubscriberFaults(string clientId, int quality, IReadOnlyList<long> delivered)
    {
        var faults = new List<string>();
        var flows = new WireFlows();
        var known = new HashSet<long>();
        var (next, endedConnection) = (0, 0);
        foreach (var packet in Of(clientId))
        {
            flows.Follow(packet, isFromSender: !packet.IsToBroker);
            if (packet.IsToBroker || packet.Type != WirePacket.Publish || packet.Quality != quality
                || packet.Number == ChaosSightings.End || packet.Connection == endedConnection)
            {
                continue;
            }
            if (next < delivered.Count && delivered[next] == packet.Number)
            {
                known.Add(delivered[next++]);
            }
            else if (!known.Contains(packet.Number))
            {
                endedConnection = packet.Connection; // It did not come, nor did anything behind it.
            }
        }
        if (next < delivered.Count)
        {
            faults.Add($"'{clientId}' delivered {string.Join(", ", delivered.Skip(Math.Max(0, next - 3)).Take(8))} at "
                + $"QoS {quality}; the broker did not send {delivered[next]} in that place.");
        }
        if (quality == 2)
        {
            faults.AddRange(delivered.CountBy(n => n).Where(n => n.Value > flows.CountOf(n.Key)).Select(n =>
                $"'{clientId}' delivered {n.Key} {n.Value} times; the broker began its flow {flows.CountOf(n.Key)} "
                + "times."));
        }
        return faults;
    }

    private static List<(long Number, TimeSpan Time)> FirstTimes(
        IEnumerable<WirePacket> packets, int quality, bool isToBroker) =>
        [.. packets
            .Where(p => p.Type == WirePacket.Publish && p.IsToBroker == isToBroker && p.Quality == quality
                && p.Number != ChaosSightings.End)
            .DistinctBy(p => p.Number).Select(p => (p.Number, p.Time))];

    private static string At(Dictionary<long, TimeSpan> times, long number) =>
        times.TryGetValue(number, out var time) ? Seconds(time) : "no time";

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("F3", CultureInfo.InvariantCulture);

    // The packets of a client. Once it has connected anew, nothing on its former connection comes to anybody.
    private IEnumerable<WirePacket> Of(string clientId)
    {
        WirePacket[] packets;
        lock (_gate)
        {
            packets = [.. _packets];
        }
        var current = 0;
        foreach (var packet in packets)
        {
            current = packet.ClientId == clientId ? packet.Connection : current;
            if (packet.Connection == current && packet.Type != WirePacket.Connect)
            {
                yield return packet;
            }
        }
    }
}
