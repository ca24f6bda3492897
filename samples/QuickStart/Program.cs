using System.CommandLine;
using MqttScion.Samples.QuickStart;

var brokerOption = new Option<string?>("--broker")
{
    Description = "Use this MQTT broker (host:port) instead of the embedded one.",
    HelpName = "host:port",
};
var countOption = new Option<int>("--count")
{
    Description = "How many messages to publish, 1 to 10000.",
    DefaultValueFactory = _ => 10,
};
countOption.Validators.Add(result =>
{
    var text = result.Tokens.Count > 0 ? result.Tokens[0].Value : "10";
    if (!int.TryParse(text, out var count) || count is < 1 or > 10_000)
    {
        result.AddError($"--count: expected 1 to 10000, found '{text}'.");
    }
});
var root = new RootCommand(
    "Publishes messages over an emulated SCION network: client, QUIC, border routers, proxy, broker, and back.")
{
    brokerOption,
    countOption,
};
root.SetAction((parse, cancellation) =>
    Demo.RunAsync(parse.GetValue(brokerOption), parse.GetValue(countOption), cancellation));
return await root.Parse(args).InvokeAsync();
