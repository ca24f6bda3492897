using System.Net;
using System.Reactive.Concurrency;
using System.Reactive.Linq;
using System.Runtime.CompilerServices;
using MqttScion.Udp;

namespace MqttScion.Scion;

/// <summary>Pings hosts, traces and probes paths by SCMP, over a socket and a thread of its own.</summary>
/// <remarks>All members may be used from any thread; any number of calls at once, up to 4096 open requests.</remarks>
public sealed class ScionPinger : IAsyncDisposable
{
    /// <summary>The port of the SCMP responder on a SCION host.</summary>
    public const ushort DefaultResponderPort = 30_041;

    private const int PathsAtOnce = 64;

    private static readonly TimeSpan LongestTimeout = TimeSpan.FromDays(1);

    private readonly PingerLoop _loop;

    /// <summary>Starts the thread.</summary>
    /// <param name="socket">The bound socket; the pinger disposes it.</param>
    /// <param name="stores">Stores whose paths are marked by SCMP errors about our requests; null for none.</param>
    /// <param name="responderPort">The port of SCMP responders inside our own AS; elsewhere routers know it.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <param name="random">Makes the requests hard to guess; null for a new one.</param>
    public ScionPinger(
        ScionSocket socket,
        IEnumerable<PathStore>? stores = null,
        ushort responderPort = DefaultResponderPort,
        TimeProvider? time = null,
        Random? random = null)
    {
        ArgumentNullException.ThrowIfNull(socket);
        LocalEndPoint = socket.LocalEndPoint;
        _loop = new PingerLoop(socket, stores ?? [], responderPort, time, random ?? new Random());
    }

    /// <summary>The SCION address that requests carry as their source.</summary>
    public ScionEndPoint LocalEndPoint { get; }

    /// <summary>The answers that were not the awaited ones.</summary>
    public ProbeCounts Counts => _loop.Counts;

    /// <summary>Asks a host for an echo.</summary>
    /// <param name="path">The path to the host's AS.</param>
    /// <param name="host">The host; it needs an SCMP responder.</param>
    /// <param name="payloadLength">Bytes of echo data.</param>
    /// <param name="timeout">How long to wait for the answer.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ObjectDisposedException">The pinger ended.</exception>
    public async Task<PingResult> PingAsync(
        ScionPath path,
        ScionHost host,
        int payloadLength,
        TimeSpan timeout,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentOutOfRangeException.ThrowIfNegative(payloadLength);
        var request = ScmpRequest.Echo(path, host, payloadLength);
        return new PingResult(path, await AskAsync(request, timeout, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Asks a host for an echo again and again, each time over the path that is current then.</summary>
    /// <param name="path">The current path, such as <see cref="PathStore.Selected"/>; null while there is none.</param>
    /// <param name="host">The host; it needs an SCMP responder.</param>
    /// <param name="payloadLength">Bytes of echo data.</param>
    /// <param name="interval">The time between two requests, whether answered or not.</param>
    /// <param name="timeout">How long to wait for each answer.</param>
    /// <param name="scheduler">What the interval is timed by; null for the default.</param>
    /// <returns>Cold; a result for each request, in the order in which they are known; endless until disposed; fails
    /// when the pinger ended.</returns>
    public IObservable<PingResult> Pings(
        Func<ScionPath?> path,
        ScionHost host,
        int payloadLength,
        TimeSpan interval,
        TimeSpan timeout,
        IScheduler? scheduler = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentOutOfRangeException.ThrowIfNegative(payloadLength);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(interval, TimeSpan.Zero);
        return Observable.Timer(TimeSpan.Zero, interval, scheduler ?? Scheduler.Default)
            .SelectMany((_, token) => path() is { } current
                ? PingAsync(current, host, payloadLength, timeout, token)
                : Task.FromResult(new PingResult(Path: null, new ProbeOutcome.NotSent("no path"))));
    }

    /// <summary>Asks the routers at all interfaces of a path, one interface after the other.</summary>
    /// <param name="path">The path; inside one AS there is nothing to ask.</param>
    /// <param name="timeout">How long to wait for each answer.</param>
    /// <param name="requestsPerHop">How many requests each router gets, at once.</param>
    /// <param name="cancellationToken">Ends the trace.</param>
    /// <exception cref="ObjectDisposedException">The pinger ended.</exception>
    public async IAsyncEnumerable<TracerouteHop> TracerouteAsync(
        ScionPath path,
        TimeSpan timeout,
        int requestsPerHop = 3,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentOutOfRangeException.ThrowIfLessThan(requestsPerHop, 1);
        for (var i = 0; i < path.Interfaces.Count; i++)
        {
            var request = ScmpRequest.Traceroute(path, i);
            var asked = Enumerable.Range(0, requestsPerHop)
                .Select(_ => AskAsync(request, timeout, cancellationToken));
            yield return new TracerouteHop(path.Interfaces[i], await Task.WhenAll(asked).ConfigureAwait(false));
        }
    }

    /// <summary>Asks the last border router of each path whether the path works, 64 paths at a time.</summary>
    /// <param name="paths">The paths.</param>
    /// <param name="timeout">How long to wait for each answer.</param>
    /// <param name="cancellationToken">Ends the probe.</param>
    /// <returns>A status for each path, in the order of the paths.</returns>
    /// <exception cref="ObjectDisposedException">The pinger ended.</exception>
    public async Task<IReadOnlyList<PathStatus>> ProbeAsync(
        IReadOnlyList<ScionPath> paths, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(paths);
        List<PathStatus> statuses = [];
        foreach (var some in paths.Chunk(PathsAtOnce))
        {
            var asked = some.Select(path => ProbeAsync(path, timeout, cancellationToken));
            statuses.AddRange(await Task.WhenAll(asked).ConfigureAwait(false));
        }
        return statuses;
    }

    /// <summary>Ends the thread and closes the socket; open requests fail.</summary>
    public ValueTask DisposeAsync() => _loop.DisposeAsync();

    /// <summary>The underlay address to send to: the path's router, or inside one AS the host's responder.</summary>
    internal static bool TryGetNextHop(ScionPath path, ScionHost host, ushort responderPort, out UdpAddress nextHop)
    {
        var router = path.IsLocal && host.TryGetIPAddress(out var address)
            ? new IPEndPoint(address, responderPort)
            : path.NextHop;
        nextHop = router is null ? default : new UdpAddress(router);
        return router is not null;
    }

    private async Task<PathStatus> ProbeAsync(ScionPath path, TimeSpan timeout, CancellationToken cancellationToken) =>
        new(path, path.IsLocal
            ? new ProbeOutcome.NotSent("there is no border router inside one AS")
            : await AskAsync(ScmpRequest.LastRouter(path), timeout, cancellationToken).ConfigureAwait(false));

    private async Task<ProbeOutcome> AskAsync(
        ScmpRequest request, TimeSpan timeout, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(timeout, TimeSpan.Zero);
        var asked = _loop.AskAsync(request, timeout < LongestTimeout ? timeout : LongestTimeout);
        return await asked.WaitAsync(cancellationToken).ConfigureAwait(false);
    }
}
