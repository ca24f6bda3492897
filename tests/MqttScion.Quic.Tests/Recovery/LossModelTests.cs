using Xunit.Abstractions;

namespace MqttScion.Quic.Tests;

/// <summary>Goodput of connections that lose one datagram of so many, against what a window's rules allow.</summary>
public class LossModelTests(ITestOutputHelper output)
{
    private const int LossPeriod = 100;
    private const int Datagram = 1452;
    private const int WarmupBytes = 1 << 20;
    private const int TransferBytes = 4 << 20;

    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Rtt = 2 * Delay;

    /// <summary>What a window grows by in a round trip, in datagrams, and what a loss leaves of it.</summary>
    public static TheoryData<QuicCongestionControl, double, double> Controls => new()
    {
        { QuicCongestionControl.NewReno, 1, 0.5 },
        { QuicCongestionControl.Cubic, 3 * 0.3 / 1.7, 0.7 },
        { QuicCongestionControl.EagerReno, 1, 0.7 },
    };

    // Below the model something else holds it back: the ACK clock, pacing, flow control, late detection, several
    // reductions for one loss, or a window that wrongly counts as unused. Above it, the control is not what it says.
    [Theory]
    [MemberData(nameof(Controls))]
    public void Goodput_is_what_additive_increase_and_multiplicative_decrease_allow(
        QuicCongestionControl control, double increase, double decrease)
    {
        // RFC 9438 §4.3: the mean window of AIMD in datagrams.
        var window = Math.Sqrt(increase * (1 + decrease) * LossPeriod / (2 * (1 - decrease)));
        var model = window * Datagram / Rtt.TotalSeconds;
        using var pair = Pair(control);
        var (sent, lost) = (0, 0);
        pair.Tap = (fromServer, _, _) =>
        {
            var isLost = !fromServer && ++sent % LossPeriod == 0;
            lost += isLost ? 1 : 0;
            return !isLost;
        };
        pair.Bulk(WarmupBytes).Should().BeTrue();
        var start = pair.Now;

        pair.Bulk(TransferBytes).Should().BeTrue();

        var goodput = TransferBytes / (pair.Now - start).TotalSeconds;
        output.WriteLine($"{control}: {goodput / 1e6:F3} MB/s, model {model / 1e6:F3} MB/s: {goodput / model:F3}");
        goodput.Should().BeInRange(0.82 * model, 1.15 * model);
        pair.Client.Statistics.LostPackets.Should().BeLessThanOrEqualTo(lost);
        pair.Client.Statistics.ProbeTimeouts.Should().Be(0);
    }

    [Fact]
    public void Slow_start_goes_on_while_round_trips_are_as_long_as_before()
    {
        const int bytes = 4_000_000;
        using var pair = Pair(QuicCongestionControl.Cubic);
        var start = pair.Now;

        pair.Bulk(bytes).Should().BeTrue();

        // Nine windows of 10, 20, 40 … datagrams are enough, plus what pacing spreads over the last one.
        (pair.Now - start).Should().BeLessThan(10 * Rtt);
        pair.Client.Statistics.CongestionWindow.Should().BeGreaterThan(bytes / 2);
    }

    private static QuicPair Pair(QuicCongestionControl control)
    {
        const int window = 16 << 20;
        var pair = new QuicPair(1, settings =>
        {
            settings.DatagramBytes = Datagram;
            settings.ClientOptions.CongestionControl = control;
            settings.ClientOptions.SendBufferBytes = window;
            settings.ServerOptions.ConnectionWindowBytes = window;
            settings.ServerOptions.StreamWindowBytes = window;
        });
        pair.Links[0].Delay = Delay;
        return pair.Connect();
    }
}
