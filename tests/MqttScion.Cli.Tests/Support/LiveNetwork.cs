using System.Net;
using MqttScion.Scion;
using MqttScion.Testnet;

namespace MqttScion.Cli.Tests;

/// <summary>A test network in this process with hosts that answer echo requests, and its control API.</summary>
internal sealed class LiveNetwork : IAsyncDisposable
{
    public const string Client = "1-ff00:0:111";
    public const string Server = "2-ff00:0:211";

    private readonly EchoHosts _echo;

    private LiveNetwork(EmulatedNetwork network, ControlApi control, EchoHosts echo) =>
        (Network, Control, _echo) = (network, control, echo);

    public EmulatedNetwork Network { get; }

    public ControlApi Control { get; }

    public int EchoPort => _echo.Port;

    public string EndhostApi => Network.EndhostApiUrl(IsdAs.Parse(Client)).ToString();

    public static async Task<LiveNetwork> StartAsync(Topology? topology = null)
    {
        var echo = EchoHosts.Reserve(port: 0);
        var network = await EmulatedNetwork.StartAsync(new EmulatedNetworkOptions
        {
            Topology = topology ?? Topology.Default,
            EndhostPort = (ushort)echo.Port,
        });
        echo.Start([IPAddress.Loopback]);
        return new LiveNetwork(network, await ControlApi.StartAsync(network), echo);
    }

    /// <summary>Runs a command of the client to its end.</summary>
    public async Task<CommandRun> RunAsync(params string[] args)
    {
        var run = Start(args);
        await run.EndAsync();
        return run;
    }

    /// <summary>Starts a command of the client.</summary>
    public CommandRun Start(params string[] args) => CommandRun.Cli([.. args, "--endhost-api", EndhostApi]);

    /// <summary>Runs <c>testnet link</c>.</summary>
    public async Task<CommandRun> LinkAsync(params string[] args)
    {
        var run = CommandRun.Cli(["testnet", "link", .. args, "--control", Control.Url.ToString()]);
        await run.EndAsync();
        return run;
    }

    public async ValueTask DisposeAsync()
    {
        await Control.DisposeAsync();
        _echo.Dispose();
        await Network.DisposeAsync();
    }
}
