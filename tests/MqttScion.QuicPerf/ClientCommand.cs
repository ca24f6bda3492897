using System.CommandLine;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using MqttScion.Quic;

namespace MqttScion.QuicPerf;

/// <summary><c>quicperf client</c>: asks a server for something and measures it.</summary>
internal sealed class ClientCommand
{
    private readonly EndpointOptions _endpoint = new();
    private readonly Argument<string> _remote = new("ADDRESS") { Description = "The server, such as 127.0.0.1:4433." };

    private readonly Option<string> _name = new("--name")
    {
        Description = "The name in the server's certificate. Default: localhost.",
        DefaultValueFactory = _ => "localhost",
    };

    private readonly Option<double> _limit = new("--limit")
    {
        Description = "Give up after so many seconds. Default: 120.",
        HelpName = "s",
        DefaultValueFactory = _ => 120,
    };

    private readonly Option<bool> _json = new("--json") { Description = "Print the result as one line of JSON." };

    /// <summary>Makes the command with one below it for each mode.</summary>
    public static Command Create() =>
        new("client", "Ask a server for something and measure it.")
        {
            TransferMode.CreateCommand("download", "Have the server send.", StreamCommand.Down),
            TransferMode.CreateCommand("upload", "Send to the server.", StreamCommand.Up),
            TransferMode.CreateCommand("echo", "Send, and get the same back.", StreamCommand.Echo),
            LatencyMode.CreateCommand(),
            HandshakesMode.CreateCommand(),
            ManyMode.CreateCommand(),
        };

    /// <summary>Completes the command of a mode.</summary>
    /// <param name="command">Has the options of its own.</param>
    /// <param name="create">Makes the mode of what was parsed.</param>
    public static Command Complete(Command command, Func<ParseResult, ClientMode> create)
    {
        var client = new ClientCommand();
        command.Arguments.Add(client._remote);
        foreach (var option in (Option[])[client._name, client._limit, client._json])
            command.Options.Add(option);
        client._endpoint.AddTo(command);
        command.SetAction(parse => client.Run(parse, create(parse)));
        return command;
    }

    private int Run(ParseResult parse, ClientMode mode)
    {
        var options = _endpoint.ReadQuic(parse);
        mode.Configure(options);
        options.MaxConnections = Math.Max(options.MaxConnections, mode.ConnectionCount);
        using var tls = QuicCrypto.Default.CreateTls(_endpoint.ReadTls(parse, isServer: false));
        using var endpoint = new QuicEndpoint(
            tls, QuicCrypto.Default.CreateProtectors(), options, acceptConnections: false, new CryptographicRandom());
        var remote = IPEndPoint.Parse(parse.GetValue(_remote)!);
        using var loop = new UdpQuicLoop(
            new IPEndPoint(Any(remote), 0), endpoint, mode, _endpoint.ReadLoop(parse));
        mode.Attach(loop, remote, parse.GetValue(_name)!, TimeSpan.FromSeconds(parse.GetValue(_limit)));
        try
        {
            var report = mode.Run() with
            {
                Window = options.ConnectionWindowBytes,
                StreamWindow = options.StreamWindowBytes,
                Cc = options.CongestionControl.ToString(),
            };
            parse.InvocationConfiguration.Output.WriteLine(
                parse.GetValue(_json) ? Encoding.UTF8.GetString(Figures.ToJson(report)) : report.ToText());
            return 0;
        }
        catch (Exception e) when (e is TimeoutException or CryptographicException or IOException)
        {
            parse.InvocationConfiguration.Error.WriteLine($"quicperf: {e.Message}");
            return 1;
        }
    }

    private static IPAddress Any(IPEndPoint remote) =>
        remote.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any;
}
