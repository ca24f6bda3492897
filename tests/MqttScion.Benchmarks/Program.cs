using System.CommandLine;
using MqttScion.Benchmarks;

var roundTrips = new Option<int>("--round-trips") { Description = "Round trips.", DefaultValueFactory = _ => 2000 };
var messages = new Option<int>("--messages")
{
    Description = "Messages for the rate.",
    DefaultValueFactory = _ => 50_000,
};
var payload = new Option<int>("--payload") { Description = "Payload bytes.", DefaultValueFactory = _ => 64 };
var repetitions = new Option<int>("--repetitions") { Description = "Repetitions.", DefaultValueFactory = _ => 3 };
var only = new Option<string>("--only") { Description = "scion or tcp, for a profile of one of them." };
var chain = new Command("chain", "Client, test network, proxy and mosquitto, beside plain TCP to the same mosquitto.")
{
    roundTrips,
    messages,
    payload,
    repetitions,
    only,
};
chain.SetAction((parse, _) => ChainBenchmark.RunAsync(
    parse.GetValue(roundTrips), parse.GetValue(messages), parse.GetValue(payload), parse.GetValue(repetitions),
    parse.GetValue(only)));
var broker = new Command("broker", "The pocket broker alone, over loopback TCP.") { messages, payload, repetitions };
broker.SetAction((parse, _) => BrokerBenchmark.RunAsync(
    parse.GetValue(messages), parse.GetValue(payload), parse.GetValue(repetitions)));
var root = new RootCommand("Benchmarks of MqttScion; run in Release.")
{
    chain,
    broker,
    UdpBenchmark.Command(),
    ScionBenchmark.Command(),
    BulkBenchmark.Command(),
    MqttBenchmark.Command(),
    ClientBenchmark.Command(),
    QuicHandshakeBenchmark.Command(),
    ForgedPacketBenchmark.Command(),
    FailoverBenchmark.Command(),
};
foreach (var command in HandshakeStormBenchmark.Commands().Concat(QuicIdleBenchmark.Commands()))
    root.Add(command);
return await root.Parse(args).InvokeAsync();
