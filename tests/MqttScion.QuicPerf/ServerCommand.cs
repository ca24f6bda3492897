using System.CommandLine;
using System.Net;
using MqttScion.Quic;

namespace MqttScion.QuicPerf;

/// <summary><c>quicperf server</c>: does what clients ask for.</summary>
internal sealed class ServerCommand
{
    private readonly EndpointOptions _endpoint = new();

    private readonly Option<string> _listen = new("--listen")
    {
        Description = "Address and port; port 0 takes a free one. Default: 127.0.0.1:4433.",
        HelpName = "address",
        DefaultValueFactory = _ => "127.0.0.1:4433",
    };

    private readonly Option<bool> _retry = new("--retry")
    {
        Description = "Have every client prove its address first.",
    };

    private readonly Option<bool> _tickets = new("--tickets")
    {
        Description = "Give out session tickets, and take early data.",
    };

    /// <summary>Makes the command.</summary>
    public static Command Create() => new ServerCommand().CreateCommand();

    private Command CreateCommand()
    {
        var command = new Command(
            "server",
            "Do what clients ask for, with mutual TLS. Says 'listening ADDRESS', and JSON when a client left.")
        {
            _listen, _retry, _tickets,
        };
        _endpoint.AddTo(command);
        command.SetAction((parse, cancellation) => Task.Run(() => Run(parse, cancellation), CancellationToken.None));
        return command;
    }

    private int Run(ParseResult parse, CancellationToken cancellation)
    {
        var options = _endpoint.ReadQuic(parse);
        if (parse.GetValue(_retry))
            options.RetryAboveHandshakes = 0;
        options.EarlyData = parse.GetValue(_tickets);
        using var issuer = options.EarlyData ? QuicCrypto.Default.CreateTicketIssuer() : null;
        var credentials = _endpoint.ReadTls(parse, isServer: true);
        credentials.TicketIssuer = issuer;
        using var tls = QuicCrypto.Default.CreateTls(credentials);
        using var endpoint = new QuicEndpoint(
            tls, QuicCrypto.Default.CreateProtectors(), options, acceptConnections: true, new CryptographicRandom());
        var program = new PerfServer(parse.InvocationConfiguration.Output);
        var local = IPEndPoint.Parse(parse.GetValue(_listen)!);
        using var loop = new UdpQuicLoop(local, endpoint, program, _endpoint.ReadLoop(parse));
        parse.InvocationConfiguration.Output.WriteLine($"listening {loop.LocalEndPoint}");
        loop.RunUntil(() => cancellation.IsCancellationRequested, TimeSpan.FromDays(1));
        return 0;
    }
}
