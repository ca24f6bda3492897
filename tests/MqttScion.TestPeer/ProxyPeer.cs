using MqttScion.Proxy;

namespace MqttScion.TestPeer;

/// <summary>A proxy in a process of its own.</summary>
internal static class ProxyPeer
{
    public static async Task RunAsync(PeerArguments arguments)
    {
        var options = new ProxyOptions { Listen = arguments["listen"], Broker = arguments["broker"] };
        arguments.Fill(options.Tls);
        await using var proxy = MqttProxy.Start(options);
        PeerChannel.Report(new ProxyReady(proxy.LocalEndPoint.ToString()));
        var stop = PeerChannel.WhenToldToStopAsync();
        if (arguments.TryNumber("sample-seconds", out var seconds))
        {
            while (await Task.WhenAny(stop, Task.Delay(TimeSpan.FromSeconds(seconds))) != stop)
            {
                PeerChannel.Report(ProcessSample.Take());
            }
        }
        await stop;
        PeerChannel.Report(new ProxyTotals(PeerChannel.PeakResidentBytes));
    }
}
