using System.Globalization;
using Xunit.Abstractions;

namespace MqttScion.Tests.Chaos;

/// <summary>
/// Broker and proxy are restarted again and again, and clients killed, while messages flow: what the outbox accepted
/// arrives, and QoS 2 once.
/// </summary>
/// <remarks>
/// <c>MQTTSCION_CHAOS_SEED</c> and <c>MQTTSCION_CHAOS_RESTARTS</c> choose another plan (<c>tests/nightly.sh chaos</c>
/// runs through seeds).
/// </remarks>
public abstract class ChaosTests(ITestOutputHelper output)
{
    private static readonly int Seed = Number("MQTTSCION_CHAOS_SEED", 1);
    private static readonly int Restarts = Number("MQTTSCION_CHAOS_RESTARTS", 20);

    private protected async Task RunAsync(string broker, Func<string, Task<IChaosBroker>> startBroker)
    {
        output.WriteLine($"seed {Seed}, {broker}");
        await using var run = await ChaosRun.StartAsync(startBroker);

        output.WriteLine(await run.RunAsync(new ChaosPlan(Seed, Restarts)));

        var (first, second, killed) = (run.Seen[1].Numbers, run.SeenOnce, run.SeenByKilled.Numbers);
        string[] faults =
        [
            .. run.Seen[2].Repetitions(),
            .. run.Seen[2].Disorder(), .. run.Seen[1].Disorder(), .. run.SeenByKilled.Disorder(),
        ];
        if (faults.Length > 0)
        {
            output.WriteLine(string.Join('\n', faults.Concat(run.Diary)));
        }
        run.Accepted[1].Numbers.Except(first).Should().BeEmpty("QoS 1 that was accepted arrives");
        run.Accepted[1].Numbers.Except(killed).Should().BeEmpty("it arrives too where the subscriber is killed");
        run.Accepted[2].Numbers.Except(second).Should().BeEmpty("QoS 2 that was accepted arrives");
        second.Should().OnlyHaveUniqueItems("QoS 2 is exactly once").And.BeInAscendingOrder();
        first.Distinct().Should().BeInAscendingOrder("a repetition comes after what it repeats");
        killed.Distinct().Should().BeInAscendingOrder("a repetition comes after what it repeats");
        // The last message of each life may have been accepted and not reported.
        first.Concat(second).Distinct().Count().Should().BeLessThanOrEqualTo(
            run.Accepted[1].Numbers.Count + run.Accepted[2].Numbers.Count + run.PublisherLives);
    }

    private static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number)
            ? number
            : otherwise;
}
