using Xunit.Abstractions;

namespace MqttScion.Quic.Tests;

/// <summary>Whole connections over a simulated bottleneck with a queue that drops its tail.</summary>
public class BottleneckTests(ITestOutputHelper output)
{
    private const int TransferSeconds = 6;

    /// <summary>Rate in bytes per second, one-way delay in milliseconds, queue in bytes.</summary>
    public static TheoryData<long, int, long> Bottlenecks => new()
    {
        { 1_000_000, 10, 40_000 },
        { 4_000_000, 25, 100_000 },
        { 5_000_000, 50, 125_000 },
        { 12_500_000, 10, 64_000 },
    };

    [Theory]
    [MemberData(nameof(Bottlenecks))]
    public void Cubic_uses_the_bottleneck_and_is_not_slower_than_NewReno(long rate, int delay, long queue)
    {
        var reno = Run(QuicCongestionControl.NewReno, rate, delay, queue);
        var cubic = Run(QuicCongestionControl.Cubic, rate, delay, queue);

        output.WriteLine($"{rate} B/s {2 * delay} ms queue {queue}: NewReno {reno}, CUBIC {cubic}");
        cubic.Utilization.Should().BeGreaterThan(0.75);
        cubic.Utilization.Should().BeGreaterThan(reno.Utilization * 0.95);
    }

    [Fact]
    public void Slow_start_overshoots_less_with_HyStart()
    {
        var reno = Run(QuicCongestionControl.NewReno, 10_000_000, 50, 500_000, bytes: 6_000_000);
        var cubic = Run(QuicCongestionControl.Cubic, 10_000_000, 50, 500_000, bytes: 6_000_000);

        output.WriteLine($"NewReno {reno}, CUBIC with HyStart++ {cubic}");
        reno.Lost.Should().BePositive();
        cubic.Lost.Should().BeLessThan(reno.Lost);
    }

    [Fact]
    public void Pacing_keeps_bursts_out_of_a_short_queue()
    {
        var run = Run(QuicCongestionControl.Cubic, 4_000_000, 20, 30_000, bytes: 8_000_000);

        output.WriteLine($"{run}");
        run.Utilization.Should().BeGreaterThan(0.6);
    }

    [Theory]
    [InlineData(QuicCongestionControl.NewReno)]
    [InlineData(QuicCongestionControl.Cubic)]
    public void Window_does_not_grow_beyond_what_flow_control_lets_out(QuicCongestionControl control)
    {
        const int streamWindow = 64 * 1024;
        using var pair = new QuicPair(5, settings =>
        {
            settings.ClientOptions.CongestionControl = control;
            settings.ServerOptions.StreamWindowBytes = streamWindow;
        }).Connect();

        pair.Bulk(4_000_000, TimeSpan.FromMinutes(1)).Should().BeTrue();

        // In slow start, half of the window counts as used; its last growth is by one flight.
        pair.Client.Statistics.CongestionWindow.Should().BeLessThan(4 * streamWindow);
    }

    [Theory]
    [InlineData(QuicCongestionControl.NewReno)]
    [InlineData(QuicCongestionControl.Cubic)]
    public void Connection_recovers_from_a_blackout(QuicCongestionControl control)
    {
        using var pair = Pair(control, 2_000_000, 20, 100_000);
        pair.Bulk(500_000).Should().BeTrue();
        pair.Client.TryOpenStream(true, out var stream).Should().BeTrue();
        stream!.Write(new byte[200_000]);
        pair.Links[0].IsDown = true;
        pair.Run(TimeSpan.FromSeconds(8));
        pair.Links[0].IsDown = false;

        pair.Bulk(2_000_000, TimeSpan.FromSeconds(20)).Should().BeTrue();
    }

    private static Outcome Run(
        QuicCongestionControl control, long rate, int delay, long queue, int bytes = 0)
    {
        bytes = bytes > 0 ? bytes : (int)rate * TransferSeconds;
        using var pair = Pair(control, rate, delay, queue);
        var start = pair.Now;
        pair.Bulk(bytes, TimeSpan.FromMinutes(10)).Should().BeTrue();
        var seconds = (pair.Now - start).TotalSeconds;
        return new Outcome(bytes / seconds / rate, pair.Client.Statistics.LostPackets);
    }

    private static QuicPair Pair(QuicCongestionControl control, long rate, int delay, long queue)
    {
        var pair = new QuicPair(5, settings =>
        {
            settings.ClientOptions.CongestionControl = control;
            settings.ClientOptions.EnableEcn = false;
            settings.ClientOptions.SendBufferBytes = 16_000_000;
            settings.ServerOptions.ConnectionWindowBytes = 16_000_000;
            settings.ServerOptions.StreamWindowBytes = 16_000_000;
        });
        pair.Links[0].Delay = TimeSpan.FromMilliseconds(delay);
        pair.Links[0].BytesPerSecond = rate;
        pair.Links[0].QueueBytes = queue;
        return pair.Connect();
    }

    private sealed record Outcome(double Utilization, long Lost);
}
