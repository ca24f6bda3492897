using System.Globalization;
using Xunit.Abstractions;

namespace MqttScion.Tests.Chaos;

/// <summary>
/// Broker and proxy are restarted again and again, and clients killed, while messages flow: what the outbox accepted
/// arrives, and QoS 2 once.
/// </summary>
/// <remarks>
/// <para>What a broker is allowed is its own fault only, seen on the wire between proxy and broker
/// (<see cref="WireRecord"/>): the publisher's packets reach it in their order, each flow begun once; the subscriber
/// delivers in the order in which the broker sent, and not more often than it began a flow. When the test fails, what
/// it prints says on which side.</para>
/// <para><c>MQTTSCION_CHAOS_SEED</c> and <c>MQTTSCION_CHAOS_RESTARTS</c> choose another plan
/// (<c>tests/nightly.sh chaos</c> runs through seeds).</para>
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
        string[] ours =
        [
            .. run.Wire.PublisherFaults("publisher"),
            .. run.Wire.SubscriberFaults("subscriber", quality: 1, first),
            .. run.Wire.SubscriberFaults("subscriber", quality: 2, run.Seen[2].Numbers),
            .. run.Wire.SubscriberFaults("killed", quality: 1, killed),
        ];
        string[] faults =
        [
            .. ours,
            .. run.Wire.Overtakings("subscriber", quality: 1, "publisher"),
            .. run.Wire.Overtakings("subscriber", quality: 2, "publisher"),
            .. run.Wire.Overtakings("killed", quality: 1, "publisher"),
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
        ours.Should().BeEmpty("publisher and subscriber keep the order, whatever the broker does");
        second.Should().OnlyHaveUniqueItems("QoS 2 is exactly once");
        if (!run.BrokerOvertakes)
        {
            second.Should().BeInAscendingOrder();
            first.Distinct().Should().BeInAscendingOrder("a repetition comes after what it repeats");
        }
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
