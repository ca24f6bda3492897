using System.Globalization;

namespace MqttScion.Tests.Chaos;

/// <summary>
/// Packets that must leave in the order of their numbers, on each connection anew from the first that was not answered.
/// </summary>
/// <param name="name">What they are called.</param>
internal sealed class WireLadder(string name)
{
    // By number: the connection on which a packet without answer left last.
    private readonly Dictionary<long, int> _open = [];
    private readonly HashSet<long> _left = [];
    private long _largest = long.MinValue;

    public void Leave(long number, WirePacket packet, List<string> faults)
    {
        if (number == ChaosSightings.End)
        {
            return;
        }
        var time = packet.Time.TotalSeconds.ToString("F3", CultureInfo.InvariantCulture);
        if (_left.Add(number) && number < _largest)
        {
            faults.Add($"{name}: {number} left at {time}, behind {_largest}.");
        }
        foreach (var (smaller, connection) in _open)
        {
            if (smaller < number && connection != packet.Connection)
            {
                faults.Add($"{name}: {number} left at {time} on connection {packet.Connection}, before {smaller}, "
                    + $"which was not answered on connection {connection}.");
            }
        }
        _open[number] = packet.Connection;
        _largest = Math.Max(_largest, number);
    }

    public void Answer(long number) => _open.Remove(number);
}
