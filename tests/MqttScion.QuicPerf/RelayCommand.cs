using System.CommandLine;
using System.Net;

namespace MqttScion.QuicPerf;

/// <summary><c>quicperf relay</c>: a bad link between a client and a server of any make.</summary>
internal sealed class RelayCommand
{
    private readonly ImpairmentOptions _impairment = new(hasRate: true);

    private readonly Option<string> _listen = new("--listen")
    {
        Description = "Where clients send to; port 0 takes a free one.",
        HelpName = "address",
        DefaultValueFactory = _ => "127.0.0.1:0",
    };

    private readonly Option<string> _to = new("--to")
    {
        Description = "The server.",
        HelpName = "address",
        Required = true,
    };

    /// <summary>Makes the command.</summary>
    public static Command Create() => new RelayCommand().CreateCommand();

    private Command CreateCommand()
    {
        var command = new Command(
            "relay", "Pass UDP datagrams on to a server and back, each way over such a link. Says 'listening ADDRESS'.")
        {
            _listen, _to,
        };
        _impairment.AddTo(command);
        command.SetAction((parse, cancellation) => Task.Run(() => Run(parse, cancellation), CancellationToken.None));
        return command;
    }

    private int Run(ParseResult parse, CancellationToken cancellation)
    {
        using var relay = new UdpRelay(
            IPEndPoint.Parse(parse.GetValue(_listen)!),
            IPEndPoint.Parse(parse.GetValue(_to)!),
            _impairment.Read(parse));
        parse.InvocationConfiguration.Output.WriteLine($"listening {relay.LocalEndPoint}");
        while (!cancellation.IsCancellationRequested)
            relay.Turn();
        parse.InvocationConfiguration.Output.WriteLine(
            $"passed {relay.PassedCount} dropped {relay.DroppedCount}");
        return 0;
    }
}
