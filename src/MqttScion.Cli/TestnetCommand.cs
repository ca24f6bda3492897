using System.CommandLine;
using System.Globalization;
using MqttScion.Scion;
using MqttScion.Testnet;

namespace MqttScion.Cli;

/// <summary><c>mqtt-scion testnet up</c>: runs an emulated SCION network.</summary>
internal sealed class TestnetCommand
{
    /// <summary>The port of the control API, unless another is asked for.</summary>
    public const int DefaultControlPort = 8480;

    private const string UpDescription =
        """
        Run an emulated SCION network with an MQTT broker in the foreground, until Ctrl-C.

        Border routers, links and endhost APIs are real UDP and TCP sockets of this process. The addresses, the
        certificate files and command lines to try it are printed when all is ready; 'testnet link' changes its links.
        Certificates that are already in the directory are kept while they are valid; another directory has another CA.
        While it runs, testnet.json in that directory lets the other commands and the proxy find it.

        Examples:
          mqtt-scion testnet up
          mqtt-scion testnet up --free-ports --dir second
        """;

    private static readonly TimeSpan MaxSegmentLifetime = TimeSpan.FromDays(1);

    private readonly Option<string?> _topology = new("--topology")
    {
        Description = "Network in pocketscion's form (.json) or scionproto's (.topo), or default, tiny or siblings.",
        HelpName = "file",
    };

    private readonly Option<bool> _loopback = new("--loopback")
    {
        Description = "Leave out the addresses in the topology file: all listen on 127.0.0.1.",
    };

    private readonly Option<string> _dir = new("--dir")
    {
        Description = "Directory for the certificates; made when absent.",
        HelpName = "directory",
        DefaultValueFactory = _ => TestnetFile.DefaultDirectory,
    };

    private readonly Option<int> _brokerPort = Port(
        "--broker-port", "TCP port of the broker; 0 takes a free one.", 1883);

    private readonly Option<int?> _brokerQuicPort = new("--broker-quic-port")
    {
        Description = "UDP port on which the broker also speaks MQTT over QUIC, for mqtt-quic addresses; 14567 is "
            + "customary, 0 takes a free one. Default: none.",
        HelpName = "port",
    };

    private readonly Option<bool> _noBroker = new("--no-broker") { Description = "Run no broker." };

    private readonly Option<int> _endhostApiPort = Port(
        "--endhost-api-port",
        "TCP port of the clients' endhost API; the other ASes take the next ones. 0 takes free ones.",
        10231);

    private readonly Option<int> _controlPort = Port(
        "--control-port", "TCP port of the API behind 'testnet link'; 0 takes a free one.", DefaultControlPort);

    private readonly Option<int> _echoPort = Port(
        "--echo-port",
        "UDP port on which hosts answer SCMP echo requests; 0 takes a free one.",
        ScionPinger.DefaultResponderPort);

    private readonly Option<bool> _noEcho = new("--no-echo") { Description = "Let no host answer SCMP echo requests." };

    private readonly Option<bool> _freePorts = new("--free-ports")
    {
        Description = "Take free ports in place of those that are in use, and without --dir a free directory.",
    };

    private readonly Option<TimeSpan> _segmentLifetime = DurationOption.Create(
        "--segment-lifetime",
        "How long path segments live, in steps of 337.5 s.",
        TimeSpan.FromSeconds(337.5),
        MaxSegmentLifetime,
        MaxSegmentLifetime);

    private readonly Option<TimeSpan> _segmentAge = DurationOption.Create(
        "--segment-age",
        "How old path segments already are when they are handed out, so that they expire soon.",
        TimeSpan.Zero,
        MaxSegmentLifetime,
        TimeSpan.Zero);

    private readonly Option<string?> _clientAs = As("--client-as", "AS of the clients in the printed command lines.");
    private readonly Option<string?> _proxyAs = As("--proxy-as", "AS of the proxy in the printed command lines.");

    private readonly Option<bool> _json = new("--json")
    {
        Description = "Print one line of JSON instead of text.",
    };

    /// <summary>Makes the command <c>testnet</c> with its subcommands.</summary>
    public static Command Create() =>
        new("testnet", "Test network on this machine.")
        {
            new TestnetCommand().CreateUp(),
            TestnetLinkCommand.Create(),
        };

    private Command CreateUp()
    {
        var up = new Command("up", UpDescription)
        {
            _topology, _loopback, _dir, _brokerPort, _brokerQuicPort, _noBroker, _endhostApiPort, _controlPort,
            _echoPort, _noEcho, _freePorts, _segmentLifetime, _segmentAge, _clientAs, _proxyAs, _json,
        };
        up.Validators.Add(result =>
        {
            if (result.GetValue(_brokerQuicPort) is < 0 or > ushort.MaxValue)
                result.AddError($"--broker-quic-port: expected 0 to 65535, found {result.GetValue(_brokerQuicPort)}.");
            if (result.GetValue(_noBroker) && result.GetValue(_brokerQuicPort) is not null)
                result.AddError("--broker-quic-port: there is no broker with --no-broker.");
            var lifetime = DurationOption.GivenIn(result, _segmentLifetime) ?? MaxSegmentLifetime;
            if (DurationOption.GivenIn(result, _segmentAge) >= lifetime)
                result.AddError("--segment-age: expected less than --segment-lifetime, or all paths are expired.");
        });
        up.SetAction((parse, cancellation) => MqttScionCommand.Program.GuardAsync(
            parse.InvocationConfiguration.Error,
            token => UpAsync(Read(parse), parse.GetValue(_json), parse.InvocationConfiguration, token),
            cancellation));
        return up;
    }

    private static async Task<int> UpAsync(
        TestnetSettings settings, bool isJson, InvocationConfiguration console, CancellationToken cancellationToken)
    {
        var testnet = await RunningTestnet.StartAsync(settings, cancellationToken).ConfigureAwait(false);
        await using var _ = testnet.ConfigureAwait(false);
        var json = TestnetReport.Json(testnet);
        testnet.Announce(json);
        await console.Output.WriteLineAsync(isJson ? json : TestnetReport.Text(testnet)).ConfigureAwait(false);
        await console.Output.FlushAsync(cancellationToken).ConfigureAwait(false);
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using (cancellationToken.UnsafeRegister(_ => stopped.SetResult(), null))
        {
            await stopped.Task.ConfigureAwait(false);
        }
        return ExitCode.Ok;
    }

    private TestnetSettings Read(ParseResult parse) => new(
        parse.GetValue(_topology),
        parse.GetValue(_loopback),
        FreeDirectory(parse),
        parse.GetValue(_noBroker) ? null : parse.GetValue(_brokerPort),
        parse.GetValue(_brokerQuicPort),
        parse.GetValue(_endhostApiPort),
        parse.GetValue(_controlPort),
        parse.GetValue(_noEcho) ? null : parse.GetValue(_echoPort),
        new SegmentFactoryOptions
        {
            Lifetime = parse.GetValue(_segmentLifetime),
            Backdating = parse.GetValue(_segmentAge),
        },
        IsdAsOf(parse.GetValue(_clientAs)),
        IsdAsOf(parse.GetValue(_proxyAs)),
        parse.GetValue(_freePorts));

    // A directory tells of one running network, so the next one needs another.
    private string FreeDirectory(ParseResult parse)
    {
        var asked = parse.GetValue(_dir)!;
        var mayMove = parse.GetValue(_freePorts) && parse.GetResult(_dir) is not { Implicit: false };
        for (var number = 1; ; number++)
        {
            var directory = number == 1 ? asked : $"{asked}-{number.ToString(CultureInfo.InvariantCulture)}";
            if (TestnetFile.RunningIn(directory) is not { } running)
                return directory;
            if (!mayMove)
            {
                throw new CommandException(
                    $"A test network runs in '{running.Directory}' already, with its control API at {running.Control}. "
                    + "End it, or choose another directory with --dir, and --free-ports.");
            }
        }
    }

    private static IsdAs? IsdAsOf(string? text) => text is null ? null : IsdAs.Parse(text);

    private static Option<int> Port(string name, string description, int defaultPort)
    {
        var option = new Option<int>(name)
        {
            Description = description,
            HelpName = "port",
            DefaultValueFactory = _ => defaultPort,
        };
        option.Limit(0, ushort.MaxValue);
        return option;
    }

    private static Option<string?> As(string name, string description)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = "isd-as" };
        option.Validators.Add(result =>
        {
            var text = result.GetValueOrDefault<string>();
            if (!IsdAs.TryParse(text, out var isdAs) || isdAs.IsWildcard)
                result.AddError($"{name}: expected a form like 1-ff00:0:111, found '{text}'.");
        });
        return option;
    }
}
