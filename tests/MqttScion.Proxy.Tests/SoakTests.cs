using System.Globalization;
using MqttScion.Proxy.Tests.Support;
using MqttScion.Testnet;
using MqttScion.TestPeer;
using Xunit.Abstractions;

namespace MqttScion.Proxy.Tests;

/// <summary>
/// Clients over the emulated network, a proxy and a broker, while links are cut, paths change and connections drop: no
/// message of QoS 1 or 2 is lost, and in the long run memory stays where it was.
/// </summary>
/// <remarks>
/// The suite takes a few seconds and looks at the messages only. <c>tests/nightly.sh soak</c> sets
/// <c>MQTTSCION_SOAK_MINUTES</c>, and <c>MQTTSCION_SOAK_TABLE</c>, the file to which the table goes row by row.
/// </remarks>
public sealed class SoakTests(ITestOutputHelper output)
{
    private const string Transit = "1-ff00:0:110";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly int Minutes = int.TryParse(
        Environment.GetEnvironmentVariable("MQTTSCION_SOAK_MINUTES"), CultureInfo.InvariantCulture, out var minutes)
        ? minutes
        : 0;

    [Fact]
    public async Task Nothing_is_lost_and_memory_is_flat_while_links_paths_and_connections_change()
    {
        var (interval, rows) = Minutes == 0
            ? (TimeSpan.FromSeconds(2), 4)
            : (TimeSpan.FromSeconds(30), 2 * Minutes);
        var table = new SoakTable(output.WriteLine, Environment.GetEnvironmentVariable("MQTTSCION_SOAK_TABLE"));
        await using var broker = await PocketBroker.StartAsync();
        await using var world = await EmulatedWorld.StartAsync(broker.EndPoint.ToString(), startsProxy: false);
        var sampling = $"sample-seconds={interval.TotalSeconds}";
        await using var proxy = TestPeerProcess.Start("proxy",
        [
            $"listen={world.ProxyOptions.Listen}", $"broker={broker.EndPoint}", sampling,
            .. Files(world, world.Certificates.ServerFile, world.Certificates.ServerKeyFile),
        ]);
        var address = (await proxy.ReadAsync<ProxyReady>(Patience)).Address;
        await using var clients = TestPeerProcess.Start("soak",
        [
            $"server={address}", $"endhost-api={world.Network.EndhostApiUrl(EmulatedWorld.ClientAs)}",
            $"transit={Transit}", sampling,
            .. Files(world, world.Certificates.ClientFile, world.Certificates.ClientKeyFile),
        ]);
        await clients.ReadAsync<SoakSample>(Patience); // All are connected and subscribed.
        using var over = new CancellationTokenSource();
        var trouble = TroubleAsync(world.Network, broker, over.Token);

        for (var row = 0; row < rows; row++)
        {
            var sample = await clients.ReadAsync<SoakSample>(interval + Patience);
            var ofProxy = await proxy.ReadAsync<ProcessSample>(interval + Patience);
            table.Add(sample, ofProxy, ProcessSample.Take());
        }
        await over.CancelAsync();
        await trouble;
        clients.TellToStop();
        var last = await clients.ReadAsync<SoakSample>(Patience);
        var verdict = table.End(last);

        last.Lost.Should().Be(0, "QoS 1 and 2 are kept");
        last.Waiting.Should().Be(0, "what was acknowledged arrives");
        last.AgainExactlyOnce.Should().Be(0);
        last.Reconnects.Should().BePositive("connections were dropped");
        last.Subscriptions.Should().BePositive();
        if (Minutes > 0)
        {
            verdict.Should().BeEmpty("memory is flat");
        }
    }

    // Cuts one link after the other, with and without SCMP, and now and then all connections at the broker.
    private static async Task TroubleAsync(EmulatedNetwork network, PocketBroker broker, CancellationToken over)
    {
        for (var round = 0; !over.IsCancellationRequested; round++)
        {
            var link = network.Links[round % network.Links.Count];
            link.Change(c => c with { State = round % 2 == 0 ? LinkState.Down : LinkState.Silent });
            await PauseAsync(TimeSpan.FromMilliseconds(700), over);
            link.Change(c => c with { State = LinkState.Up });
            if (round % 3 == 2)
            {
                broker.DropConnections();
            }
            await PauseAsync(TimeSpan.FromMilliseconds(800), over);
        }
    }

    private static Task PauseAsync(TimeSpan pause, CancellationToken over) =>
        Task.Delay(pause, over).ContinueWith(_ => { }, TaskScheduler.Default);

    private static string[] Files(EmulatedWorld world, string certificate, string key) =>
        [$"ca={world.Certificates.CaFile}", $"certificate={certificate}", $"key={key}"];
}
