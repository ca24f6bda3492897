using System.CommandLine;
using MqttScion.Simulation;

var seed = new Option<ulong?>("--seed") { Description = "Replays the world of one seed." };
var fromSeed = new Option<ulong>("--from-seed") { Description = "The first seed." };
var count = new Option<int>("--count") { Description = "How many seeds.", DefaultValueFactory = _ => 1000 };
var threads = new Option<int>("--threads")
{
    Description = "How many worlds run at a time.",
    DefaultValueFactory = _ => Environment.ProcessorCount,
};
var trace = new Option<bool>("--trace") { Description = "With --seed: prints every datagram and event." };
var keepGoing = new Option<bool>("--keep-going") { Description = "Goes on after a failure." };
var root = new RootCommand("QUIC connections in virtual time, in worlds that are drawn from seeds.")
{
    seed, fromSeed, count, threads, trace, keepGoing,
};
root.SetAction(parse =>
{
    AssertListener.Install();
    return parse.GetValue(seed) is { } one
        ? SeedRun.Replay(one, parse.GetValue(trace), Console.Out)
        : SeedRun.RunMany(
            parse.GetValue(fromSeed),
            parse.GetValue(count),
            parse.GetValue(threads),
            parse.GetValue(keepGoing),
            Console.Out);
});
return await root.Parse(args).InvokeAsync();
