using System.Diagnostics;
using System.Globalization;
using Xunit.Abstractions;

namespace MqttScion.Simulation;

/// <summary>
/// Whole connections in worlds drawn from seeds. <c>MQTTSCION_SIMULATION_SECONDS</c> is the time for them, 30 s by
/// default; <c>MQTTSCION_SIMULATION_SEED</c> the first seed, 0 by default.
/// </summary>
public class SimulationTests(ITestOutputHelper output)
{
    private const int SeedsAtATime = 200;

    [Fact]
    public void Worlds_of_many_seeds_hold_what_must_hold()
    {
        var time = TimeSpan.FromSeconds(Setting("SECONDS", 30));
        var first = Setting("SEED", 0);
        var startedAt = Stopwatch.GetTimestamp();
        var seed = first;
        do
        {
            var report = new StringWriter(CultureInfo.InvariantCulture);
            var exitCode = SeedRun.RunMany((ulong)seed, SeedsAtATime, Environment.ProcessorCount, false, report);
            exitCode.Should().Be(0, "{0}", report);
            seed += SeedsAtATime;
        }
        while (Stopwatch.GetElapsedTime(startedAt) < time);

        var seconds = Stopwatch.GetElapsedTime(startedAt).TotalSeconds;
        output.WriteLine($"seeds {first} to {seed - 1}: {(seed - first) / seconds:0} a second");
    }

    [Fact]
    public void World_of_a_seed_is_the_same_each_time()
    {
        for (var seed = 0UL; seed < 50; seed++)
            World.Run(seed).Should().Be(World.Run(seed));
    }

    [Fact]
    public void Worlds_of_two_seeds_differ() => World.Run(1).TraceHash.Should().NotBe(World.Run(2).TraceHash);

    private static long Setting(string name, long unset) =>
        Environment.GetEnvironmentVariable($"MQTTSCION_SIMULATION_{name}") is { Length: > 0 } text
            ? long.Parse(text, CultureInfo.InvariantCulture)
            : unset;
}
