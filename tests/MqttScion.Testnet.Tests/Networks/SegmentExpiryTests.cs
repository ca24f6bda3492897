using System.Globalization;
using System.Reactive.Linq;
using MqttScion.Scion;
using Xunit.Abstractions;

namespace MqttScion.Testnet.Tests;

/// <summary>
/// Segments that expire a minute after they are made, over the emulated network: a ping never misses. In the suite the
/// clock runs 60 times as fast, for four minutes; <c>MQTTSCION_EXPIRY_SECONDS</c> asks for a run in real time instead.
/// </summary>
public sealed class SegmentExpiryTests(ITestOutputHelper output)
{
    private const double Rate = 60;

    private static readonly IsdAs Client = IsdAs.Parse("1-ff00:0:111");
    private static readonly IsdAs Proxy = IsdAs.Parse("2-ff00:0:211");
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan DefaultDuration = TimeSpan.FromMinutes(4);

    /// <summary>How long after a look-up is due the fast clock waits for it: much less than what is left.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>Real time; a machine under load may need long, and a late answer is no miss.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static TimeSpan? RealDuration =>
        Environment.GetEnvironmentVariable("MQTTSCION_EXPIRY_SECONDS") is { Length: > 0 } text
            ? TimeSpan.FromSeconds(int.Parse(text, CultureInfo.InvariantCulture))
            : null;

    [Fact]
    public async Task Ping_never_misses_while_segments_expire_every_minute()
    {
        var fast = RealDuration is null ? new FastClock(Rate) : null;
        var time = fast ?? TimeProvider.System;
        var duration = RealDuration ?? DefaultDuration;
        await using var host = await PingingHost.StartAsync(
            Options(time), Client, Proxy, timeout: fast is null ? Patience : Patience * Rate);

        await PingAsync(host, time.GetUtcNow() + duration, time, fast);

        var sent = Results(host).Count();
        var answered = Results(host).Count(ping => ping.Outcome is ProbeOutcome.Replied);
        var renewals = host.Log.OfType<PathEvent.Selected>().Where(selected => selected.Why == "renewed").ToList();
        output.WriteLine($"{sent} pings in {duration}, {answered} answered, {renewals.Count} renewals");
        answered.Should().Be(sent, Misses(host));
        host.Log.Should().NotContain(each => each is PathEvent.Expired || each is PathEvent.Down);
        host.Log.Should().NotContain(each => each is PathRefresh && ((PathRefresh)each).Failure != null);
        var lifetimes = (int)(duration / Lifetime);
        renewals.Should().HaveCountGreaterThanOrEqualTo(lifetimes);
        renewals.Should().OnlyContain(selected => selected.Path.Equals(selected.Previous));
        Results(host).Select(ping => ping.Path!.Expiry).Distinct().Should().HaveCountGreaterThan(lifetimes);
    }

    private static EmulatedNetworkOptions Options(TimeProvider time) => new()
    {
        TimeProvider = time,
        Segments = new SegmentFactoryOptions
        {
            Lifetime = HopField.ExpTimeStep,
            Backdating = HopField.ExpTimeStep - Lifetime,
        },
    };

    private static async Task PingAsync(PingingHost host, DateTimeOffset end, TimeProvider time, FastClock? fast)
    {
        using var bound = new CancellationTokenSource((end - time.GetUtcNow()) / (fast is null ? 1 : Rate) + Patience);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(fast is null ? 100 : 20));
        while (time.GetUtcNow() < end)
        {
            var latest = await host.Refresher.Refreshes.FirstAsync();
            fast?.RunUpTo(latest.At + latest.Next + Grace);
            var path = host.Store.Selected;
            path.Should().NotBeNull();
            await host.PingAsync(path!);
            await tick.WaitForNextTickAsync();
            bound.IsCancellationRequested.Should().BeFalse(
                "the look-up that was due {0} s after {1:T} ends in time", latest.Next.TotalSeconds, latest.At);
        }
    }

    private static IEnumerable<PingResult> Results(PingingHost host) => host.Log.OfType<PingResult>();

    private static string Misses(PingingHost host) =>
        string.Join("; ", Results(host).Where(ping => ping.Outcome is not ProbeOutcome.Replied).Take(5));
}
