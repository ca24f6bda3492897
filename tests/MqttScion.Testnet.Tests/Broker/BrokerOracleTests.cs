using System.Net;
using MqttScion.Proxy.Tests.Support;

namespace MqttScion.Testnet.Tests;

/// <summary>The same scenario (see <see cref="BrokerScript"/>) on our broker and on mosquitto: where the specification
/// determines what clients hear, both must say the same.</summary>
public class BrokerOracleTests
{
    public static TheoryData<string> Scripts =>
        [.. Directory.GetFiles(ScriptFolder, "*.txt").Select(f => Path.GetFileNameWithoutExtension(f)!)];

    private static string ScriptFolder => Path.Combine(AppContext.BaseDirectory, "Broker", "Scripts");

    [MosquittoBrokerTheory]
    [MemberData(nameof(Scripts))]
    public async Task Clients_hear_the_same_from_both_brokers(string name)
    {
        var script = await File.ReadAllTextAsync(Path.Combine(ScriptFolder, $"{name}.txt"));
        await using var broker = await PocketBroker.StartAsync(new PocketBrokerOptions { ReceiveMaximum = 2 });
        await using var mosquitto = await Mosquitto.StartAsync("max_inflight_messages 2");

        var ours = await BrokerScript.RunAsync(broker.EndPoint, script);
        var theirs = await BrokerScript.RunAsync(new IPEndPoint(IPAddress.Loopback, mosquitto.Port), script);

        ours.Should().HaveCountGreaterThan(2).And.Equal(theirs);
    }

    /// <summary>Where the specification leaves the code open, or mosquitto is less exact, the codes differ; but no rule
    /// is broken without consequences on either.</summary>
    [MosquittoBrokerTheory]
    [InlineData("3004" + "000123" + "00", "90", "82")]
    [InlineData("3007" + "000161" + "03230000", "94", "81")]
    [InlineData("3606" + "000161" + "0001" + "00", "81", "81")]
    [InlineData("3206" + "000161" + "0000" + "00", "82", "82")]
    [InlineData("8007" + "000100" + "000161" + "00", "81", "81")]
    [InlineData("8203" + "000100", "82", "81")]
    [InlineData("8207" + "000100" + "000161" + "30", "82", "81")]
    [InlineData("A006" + "000100" + "000161", "81", "81")]
    [InlineData("A203" + "000100", "82", "81")]
    [InlineData("F000", "82", "")]
    public async Task Violations_end_the_connection_on_both_brokers(string hex, string ourCode, string mosquittoCode)
    {
        await using var broker = await PocketBroker.StartAsync();
        await using var mosquitto = await Mosquitto.StartAsync();
        var script = $"c connect\nc hex {hex}\nc hear 2";

        var ours = await BrokerScript.RunAsync(broker.EndPoint, script);
        var theirs = await BrokerScript.RunAsync(new IPEndPoint(IPAddress.Loopback, mosquitto.Port), script);

        ours.Skip(1).Should().Equal($"c: DISCONNECT {ourCode}", "c: END");
        theirs.Skip(1).Should().Equal(mosquittoCode.Length == 0
            ? ["c: END", "c: END"]
            : [$"c: DISCONNECT {mosquittoCode}", "c: END"]);
    }
}
