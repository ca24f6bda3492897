using System.Collections.Concurrent;
using System.Net;
using System.Reactive.Linq;
using MqttScion.Scion;

namespace MqttScion.Testnet.Tests;

/// <summary>
/// A host of an emulated network that pings another one as the command line does: its paths are looked up, renewed,
/// selected and marked by the real parts. All events and outcomes stand in one log.
/// </summary>
internal sealed class PingingHost : IAsyncDisposable
{
    private const int PayloadLength = 56;

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(20);

    private readonly ScionEchoResponder _responder;
    private readonly ScionHost _destinationHost;
    private readonly EndhostApiPathSource _source;
    private readonly StickySelector _selector;
    private readonly ScionPinger _pinger;
    private readonly PathStore[] _others;
    private readonly TimeSpan _timeout;

    private PingingHost(
        EmulatedNetwork network,
        ScionEchoResponder responder,
        IsdAs local,
        IsdAs destination,
        TimeProvider time,
        TimeSpan timeout,
        PathStore[] others)
    {
        (Network, _responder, _others, _timeout) = (network, responder, others, timeout);
        _destinationHost = ScionHost.FromIPAddress(network.HostAddressOf(destination));
        _source = new EndhostApiPathSource(new() { Url = network.EndhostApiUrl(local), Timeout = timeout }, time);
        Store = new PathStore(time);
        Store.Events.Subscribe(Log.Enqueue);
        _selector = new StickySelector(Store);
        Refresher = new PathRefresher(_source, destination, Store, time: time, random: new Random(1));
        Refresher.Refreshes.Subscribe(Log.Enqueue);
        var socket = new ScionSocket(local, new UdpUnderlay(new IPEndPoint(network.HostAddressOf(local), 0)));
        _pinger = new ScionPinger(socket, [Store, .. others], time: time);
    }

    public EmulatedNetwork Network { get; }

    public PathStore Store { get; }

    public PathRefresher Refresher { get; }

    /// <summary>Each <see cref="PathEvent"/>, <see cref="PathRefresh"/> and <see cref="PingResult"/> in turn.</summary>
    public ConcurrentQueue<object> Log { get; } = new();

    /// <summary>Starts a network and a host in it, which has its first paths when the task ends.</summary>
    /// <param name="options">The network; a responder with a free port is added.</param>
    /// <param name="local">The AS of the host.</param>
    /// <param name="destination">The AS to ping.</param>
    /// <param name="timeout">How long to wait for an answer, by the clock of the network.</param>
    /// <param name="others">More stores that errors mark.</param>
    public static async Task<PingingHost> StartAsync(
        EmulatedNetworkOptions options,
        IsdAs local,
        IsdAs destination,
        TimeSpan timeout,
        params PathStore[] others)
    {
        var underlay = new UdpUnderlay(new IPEndPoint(IPAddress.Loopback, 0));
        options.EndhostPort = (ushort)underlay.LocalEndPoint.Port;
        var responder = new ScionEchoResponder(underlay, [destination]);
        var network = await EmulatedNetwork.StartAsync(options);
        var host = new PingingHost(
            network, responder, local, destination, options.TimeProvider, timeout, others);
        (await host.Refresher.Refreshes.FirstAsync().Timeout(StartLimit)).Failure.Should().BeNull();
        return host;
    }

    /// <summary>Pings over a path and logs what became of it.</summary>
    public async Task<ProbeOutcome> PingAsync(ScionPath path)
    {
        var result = await _pinger.PingAsync(path, _destinationHost, PayloadLength, _timeout);
        Log.Enqueue(result);
        return result.Outcome;
    }

    public async ValueTask DisposeAsync()
    {
        await _pinger.DisposeAsync();
        _selector.Dispose();
        await Refresher.DisposeAsync();
        foreach (var store in _others.Append(Store))
        {
            store.Dispose();
        }
        _source.Dispose();
        await Network.DisposeAsync();
        _responder.Dispose();
    }
}
