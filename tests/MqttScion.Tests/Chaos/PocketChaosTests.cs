using Xunit.Abstractions;

namespace MqttScion.Tests.Chaos;

/// <summary>With the embedded broker.</summary>
public sealed class PocketChaosTests(ITestOutputHelper output) : ChaosTests(output)
{
    [Fact]
    public Task Nothing_accepted_is_lost_and_no_QoS_2_message_comes_twice() =>
        RunAsync("embedded broker", async _ => await PocketChaosBroker.StartAsync());
}
