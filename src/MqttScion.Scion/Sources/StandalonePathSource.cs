namespace MqttScion.Scion;

/// <summary>
/// Gets paths with nothing on the host: reads the AS's <c>topology.json</c>, asks its control service for segments, and
/// combines them.
/// </summary>
/// <remarks>
/// Speaks <c>proto.control_plane.v1.SegmentLookupService</c> over gRPC. Of several control services the one that
/// answered last is asked first. Safe to call from several threads. A segment that breaks the rules is left out and
/// counted in <see cref="RejectedSegments"/>.
/// </remarks>
public sealed class StandalonePathSource : IPathSource, IDisposable
{
    private const string Procedure = "proto.control_plane.v1.SegmentLookupService/Segments";

    /// <summary>More are not tried in one look-up, so that its time is bounded.</summary>
    private const int MaxServicesTried = 4;

    private readonly TimeProvider _time;
    private readonly TopologyLoader _loader;
    private readonly GrpcClient _client;
    private readonly Refreshed<ScionTopology> _topology;
    private volatile Uri? _preferred;
    private long _rejectedSegments;
    private long _skippedServices;

    /// <summary>Makes a source; nothing is read or asked yet.</summary>
    /// <param name="options">Where the topology is, and bounds; read once.</param>
    /// <param name="time">The clock for expiry and timeouts; null for the system's.</param>
    /// <param name="handler">The HTTP transport, disposed with the source; null for direct connections.</param>
    /// <exception cref="ArgumentException">An option is missing or out of its range.</exception>
    public StandalonePathSource(
        StandaloneOptions options,
        TimeProvider? time = null,
        HttpMessageHandler? handler = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _time = time ?? TimeProvider.System;
        _loader = new TopologyLoader(options, _time, handler);
        _client = new GrpcClient("The control service", options.Timeout, options.MaxAnswerBytes, _time, handler);
        _topology = new Refreshed<ScionTopology>(options.TopologyLifetime, _time, _loader.LoadAsync);
    }

    /// <summary>
    /// How many segments were left out so far: against the rules, or beyond the bound of 1024 of a kind.
    /// </summary>
    public long RejectedSegments => Interlocked.Read(ref _rejectedSegments);

    /// <summary>How often a control service gave no usable answer and the next one was asked.</summary>
    public long SkippedControlServices => Interlocked.Read(ref _skippedServices);

    /// <summary>How often the topology could not be read again; the one known stays in use meanwhile.</summary>
    public long FailedRefreshes => _topology.Failures;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<LocalAs>> GetLocalAsync(CancellationToken cancellationToken = default) =>
        [(await _topology.GetAsync(cancellationToken).ConfigureAwait(false)).ToLocalAs()];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ScionPath>> GetPathsAsync(
        IsdAs destination,
        IsdAs? source = null,
        CancellationToken cancellationToken = default)
    {
        SingleAs.ThrowIfWildcard(destination);
        var topology = await _topology.GetAsync(cancellationToken).ConfigureAwait(false);
        var now = _time.GetUtcNow();
        if (source is { } asked && asked != topology.IsdAs)
        {
            throw Fault($"is of {topology.IsdAs}; it can't give paths from {asked}", "invalid_argument");
        }
        if (destination == topology.IsdAs)
        {
            return [ScionPath.SameAs(
                destination, topology.Mtu ?? FixedPathSource.DefaultLocalMtu, now + TimeSpan.FromDays(1))];
        }
        var segments = await SegmentsAsync(topology, destination, cancellationToken).ConfigureAwait(false);
        var paths = segments.Paths(topology.IsdAs, destination, topology.Routers, out var fault);
        return fault is null ? paths : throw Fault(fault);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _loader.Dispose();
        _client.Dispose();
    }

    private PathLookupException Fault(string what, string? code = null) =>
        new($"The topology at {_loader.Url} {what}.", _loader.Url, code);

    /// <summary>Asks one control service after the other, until one answers.</summary>
    private async Task<SegmentCollector> SegmentsAsync(
        ScionTopology topology,
        IsdAs destination,
        CancellationToken cancellationToken)
    {
        var servers = topology.ControlServices
            .OrderBy(url => url != _preferred)
            .Take(MaxServicesTried)
            .ToList();
        for (var i = 0; i < servers.Count; i++)
        {
            try
            {
                var segments = await LookUpAsync(servers[i], topology, destination, cancellationToken)
                    .ConfigureAwait(false);
                _preferred = servers[i];
                return segments;
            }
            catch (PathLookupException) when (i + 1 < servers.Count)
            {
                // Counted, not thrown: the next one may do better; the fault of the last is the one told.
                Interlocked.Increment(ref _skippedServices);
            }
        }
        throw Fault("names no control service");
    }

    private async Task<SegmentCollector> LookUpAsync(
        Uri server,
        ScionTopology topology,
        IsdAs destination,
        CancellationToken cancellationToken)
    {
        var source = topology.IsdAs;
        var segments = new SegmentCollector(_time.GetUtcNow());
        if (!topology.IsCore)
        {
            await AskAsync(source, AllCoresOf(source)).ConfigureAwait(false);
        }
        await AskAsync(topology.IsCore ? source : AllCoresOf(source), AllCoresOf(destination)).ConfigureAwait(false);

        // Nothing tells whether the destination is a core AS, except that segments begin there: then none lead down to
        // it, and a control service refuses to look for them.
        if (!segments.HasFrom(SegmentKind.Core, destination) && !segments.HasFrom(SegmentKind.Up, destination))
        {
            await AskAsync(AllCoresOf(destination), destination).ConfigureAwait(false);
        }
        Interlocked.Add(ref _rejectedSegments, segments.Rejected);
        return segments.HasOnlyRejected
            ? throw _client.Fault(
                server, Procedure, $"gave only segments that break the rules, such as: {segments.Fault}.")
            : segments;

        async Task AskAsync(IsdAs from, IsdAs to)
        {
            var request = new Protobuf.SegmentsRequest { SrcIsdAs = from.Value, DstIsdAs = to.Value };
            var answer = await _client
                .CallAsync(server, Procedure, request, Protobuf.SegmentsResponse.Parser, cancellationToken)
                .ConfigureAwait(false);
            Add(answer, segments);
        }
    }

    private static void Add(Protobuf.SegmentsResponse answer, SegmentCollector segments)
    {
        foreach (var (type, list) in answer.Segments)
        {
            switch ((Protobuf.SegmentType)type)
            {
                case Protobuf.SegmentType.Up:
                    segments.Add(SegmentKind.Up, list.Segments_);
                    break;
                case Protobuf.SegmentType.Core:
                    segments.Add(SegmentKind.Core, list.Segments_);
                    break;
                case Protobuf.SegmentType.Down:
                    segments.Add(SegmentKind.Down, list.Segments_);
                    break;
                default:
                    segments.Reject($"segments of type {type}; expected 1 to 3", list.Segments_.Count);
                    break;
            }
        }
    }

    private static IsdAs AllCoresOf(IsdAs isdAs) => new(isdAs.Isd, asNumber: 0);
}
