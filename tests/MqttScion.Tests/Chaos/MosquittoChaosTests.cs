using MqttScion.Proxy.Tests.Support;
using Xunit.Abstractions;

namespace MqttScion.Tests.Chaos;

/// <summary>With mosquitto.</summary>
public sealed class MosquittoChaosTests(ITestOutputHelper output) : ChaosTests(output)
{
    [MosquittoFact]
    public Task Nothing_accepted_is_lost_and_no_QoS_2_message_comes_twice() =>
        RunAsync("mosquitto", async directory => await MosquittoChaosBroker.StartAsync(directory));
}
