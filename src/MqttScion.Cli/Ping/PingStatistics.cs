using MqttScion.Scion;

namespace MqttScion.Cli;

/// <summary>Counts the outcomes of pings. Not thread-safe.</summary>
internal sealed class PingStatistics
{
    private double _sum;
    private double _sumOfSquares;

    /// <summary>Requests whose outcome is known.</summary>
    public int Sent { get; private set; }

    /// <summary>Echoes that came back.</summary>
    public int Received { get; private set; }

    /// <summary>SCMP errors that came instead.</summary>
    public int Errors { get; private set; }

    /// <summary>The share of requests without an echo, 0 to 1.</summary>
    public double Loss => Sent == 0 ? 0 : (Sent - Received) / (double)Sent;

    /// <summary>The shortest round trip; zero before the first.</summary>
    public TimeSpan Least { get; private set; }

    /// <summary>The longest round trip.</summary>
    public TimeSpan Most { get; private set; }

    /// <summary>The average round trip.</summary>
    public TimeSpan Average => TimeSpan.FromMilliseconds(Received == 0 ? 0 : _sum / Received);

    /// <summary>The standard deviation of the round trips, as ping has it.</summary>
    public TimeSpan Deviation
    {
        get
        {
            var average = Average.TotalMilliseconds;
            // Rounding may bring the difference a little below zero.
            var variance = Received == 0 ? 0 : Math.Max(0, _sumOfSquares / Received - average * average);
            return TimeSpan.FromMilliseconds(Math.Sqrt(variance));
        }
    }

    /// <summary>Counts one outcome.</summary>
    public void Add(ProbeOutcome outcome)
    {
        Sent++;
        if (outcome is ProbeOutcome.Refused)
            Errors++;
        if (outcome is not ProbeOutcome.Replied { Rtt: var rtt })
            return;
        Least = Received == 0 || rtt < Least ? rtt : Least;
        Most = rtt > Most ? rtt : Most;
        Received++;
        _sum += rtt.TotalMilliseconds;
        _sumOfSquares += rtt.TotalMilliseconds * rtt.TotalMilliseconds;
    }
}
