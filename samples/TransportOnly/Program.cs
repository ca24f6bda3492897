// The idea: QUIC over SCION without MQTT. The proxy carries bytes and decodes none, so any TCP service can stand behind
// it: here one that takes a file and answers with its SHA-256.
using System.CommandLine;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using MqttScion;
using MqttScion.Samples;

const int FileBytes = 1_000_000;

var listen = new Option<string>("--listen")
{
    HelpName = "host:port",
    Description = "With --server: where the TCP service listens; the proxy is started with it as --mqtt-broker.",
    DefaultValueFactory = _ => "127.0.0.1:0",
};
var command = new SampleCommand("Sends a file over QUIC over SCION, without MQTT.", listen);
return await command.RunAsync(args, "sent", FileBytes, async (settings, cancellation) =>
{
    using var service = new TcpListener(IPEndPoint.Parse(command.Parse(args).GetValue(listen)!));
    service.Start();
    var answering = AnswerAsync(service, cancellation);
    await using var network = await SampleNetwork.StartAsync(
        settings with { Broker = $"{service.LocalEndpoint}" }, cancellation);

    var file = RandomNumberGenerator.GetBytes(FileBytes);
    var options = new ScionQuicTransportOptions();
    network.Configure(options);
    await using var transport = await ScionQuicTransport.ConnectAsync(options, cancellationToken: cancellation);
    Console.WriteLine($"path     {transport.Path}");

    // A pipe: what the peer does not take yet makes WriteAsync wait.
    await transport.Output.WriteAsync(file, cancellation);
    await transport.Output.CompleteAsync(); // The end of the stream: the service sees it as the end of the file.
    var answer = await ReadAllAsync(transport.Input, cancellation);
    Console.WriteLine($"  SHA-256 there {Convert.ToHexStringLower(answer)}");
    Console.WriteLine($"  SHA-256 here  {Convert.ToHexStringLower(SHA256.HashData(file))}");
    await answering;
    return answer.SequenceEqual(SHA256.HashData(file)) ? FileBytes : 0;
});

// Knows nothing of SCION, QUIC or MQTT.
static async Task AnswerAsync(TcpListener service, CancellationToken cancellation)
{
    using var client = await service.AcceptTcpClientAsync(cancellation);
    await using var stream = client.GetStream();
    await stream.WriteAsync(await SHA256.HashDataAsync(stream, cancellation), cancellation);
}

static async Task<byte[]> ReadAllAsync(PipeReader input, CancellationToken cancellation)
{
    using var all = new MemoryStream();
    await input.CopyToAsync(all, cancellation);
    return all.ToArray();
}
