namespace MqttScion.Scion;

/// <summary>Gets border routers and path segments from the endhost API of the AS, and combines the segments.</summary>
/// <remarks>
/// Speaks Connect with protobuf, as scion-sdk 0.4 and later. Safe to call from several threads; calls share one pool of
/// HTTP connections. A segment that breaks the rules is left out and counted in <see cref="RejectedSegments"/>.
/// </remarks>
public sealed class EndhostApiPathSource : IPathSource, IDisposable
{
    private const string ListUnderlays = "scion.endhost.v1.UnderlayService/ListUnderlays";
    private const string ListSegments = "scion.endhost.v1.SegmentsService/ListSegments";

    /// <summary>The name of the same call in scion-sdk 0.4.</summary>
    private const string ListPaths = "scion.endhost.v1.PathService/ListPaths";

    private const int PageSize = 64;
    private const int MaxPages = 32;
    private const int MaxSegmentsOfAKind = 1024;

    private readonly EndhostApiOptions _options;
    private readonly TimeProvider _time;
    private readonly ConnectClient _client;
    private volatile UnderlayTable? _underlays;
    private volatile string _segmentsCall = ListSegments;
    private long _rejectedSegments;

    /// <summary>Makes a source; nothing is asked yet.</summary>
    /// <param name="options">Address, token and bounds; copied.</param>
    /// <param name="time">The clock for expiry and timeouts; null for the system's.</param>
    /// <param name="handler">The HTTP transport, disposed with the source; null for a direct connection.</param>
    /// <exception cref="ArgumentException">An option is missing or out of its range.</exception>
    public EndhostApiPathSource(
        EndhostApiOptions options,
        TimeProvider? time = null,
        HttpMessageHandler? handler = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = new EndhostApiOptions
        {
            Url = options.Url,
            Token = options.Token,
            Timeout = options.Timeout,
            MaxAnswerBytes = options.MaxAnswerBytes,
            UnderlayLifetime = options.UnderlayLifetime,
            LocalMtu = options.LocalMtu,
        };
        _time = time ?? TimeProvider.System;
        _client = new ConnectClient(_options, _time, handler);
    }

    /// <summary>
    /// How many segments were left out so far: against the rules, or beyond the bound of 1024 of a kind.
    /// </summary>
    public long RejectedSegments => Interlocked.Read(ref _rejectedSegments);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<LocalAs>> GetLocalAsync(CancellationToken cancellationToken = default) =>
        (await UnderlaysAsync(cancellationToken).ConfigureAwait(false)).Local;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ScionPath>> GetPathsAsync(
        IsdAs destination,
        IsdAs? source = null,
        CancellationToken cancellationToken = default)
    {
        if (destination.IsWildcard)
        {
            throw new ArgumentException($"A destination must name one AS; it is {destination}.", nameof(destination));
        }
        var underlays = await UnderlaysAsync(cancellationToken).ConfigureAwait(false);
        var from = source ?? underlays.Local[0].IsdAs;
        var now = _time.GetUtcNow();
        if (from == destination)
        {
            return [ScionPath.SameAs(from, _options.LocalMtu, now + TimeSpan.FromDays(1))];
        }

        var segments = await SegmentsAsync(from, destination, cancellationToken).ConfigureAwait(false);
        var paths = PathCombinator.Combine(from, destination, segments)
            .Where(path => path.Expiry > now)
            .ToList();
        var usable = paths
            .Select(path => path.WithNextHop(underlays.RouterOf(path.Interfaces[0])))
            .Where(path => path.NextHop is not null)
            .ToList();
        if (usable.Count == 0 && paths.Count > 0)
        {
            var url = _client.UrlOf(ListUnderlays);
            throw new PathLookupException(
                $"The endhost API at {url} names no border router for {paths[0].Interfaces[0]}, where the first of "
                + $"{paths.Count} paths to {destination} begins.",
                url);
        }
        return usable;
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private async Task<UnderlayTable> UnderlaysAsync(CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        if (_underlays is { } cached && now < cached.Expiry)
        {
            return cached;
        }
        var answer = await _client
            .CallAsync(
                ListUnderlays,
                new Protobuf.ListUnderlaysRequest(),
                Protobuf.ListUnderlaysResponse.Parser,
                cancellationToken)
            .ConfigureAwait(false);
        var table = new UnderlayTable(answer, now + _options.UnderlayLifetime);
        if (table.Local.Count == 0)
        {
            var url = _client.UrlOf(ListUnderlays);
            throw new PathLookupException(
                $"The endhost API at {url} names no border router with a usable address; expected one or more in a "
                + $"UDP underlay{(table.HasSnap ? ", and it offers SNAP only" : "")}.",
                url);
        }
        _underlays = table;
        return table;
    }

    private async Task<SegmentSet> SegmentsAsync(
        IsdAs source,
        IsdAs destination,
        CancellationToken cancellationToken)
    {
        var request = new Protobuf.ListSegmentsRequest
        {
            SrcIsdAs = source.Value,
            DstIsdAs = destination.Value,
            PageSize = PageSize,
        };
        List<PathSegment> up = [], core = [], down = [];
        string? fault = null;
        for (var page = 0; page < MaxPages; page++)
        {
            var answer = await PageAsync(request, cancellationToken).ConfigureAwait(false);
            fault = Decode(answer.UpSegments, up) ?? fault;
            fault = Decode(answer.CoreSegments, core) ?? fault;
            fault = Decode(answer.DownSegments, down) ?? fault;
            if (answer.NextPageToken.Length == 0)
            {
                return fault is null || up.Count + core.Count + down.Count > 0
                    ? new SegmentSet(up, core, down)
                    : throw Refusal($"gave only segments that break the rules, such as: {fault}");
            }
            request.PageToken = answer.NextPageToken;
        }
        throw Refusal($"gave more than {MaxPages} pages of segments, the most that are asked for");
    }

    private PathLookupException Refusal(string what)
    {
        var url = _client.UrlOf(_segmentsCall);
        return new PathLookupException($"The endhost API at {url} {what}.", url);
    }

    private async Task<Protobuf.ListSegmentsResponse> PageAsync(
        Protobuf.ListSegmentsRequest request,
        CancellationToken cancellationToken)
    {
        var call = _segmentsCall;
        try
        {
            return await CallAsync(call).ConfigureAwait(false);
        }
        catch (PathLookupException e) when (e.Code is "not_found" or "unimplemented" && call == ListSegments)
        {
            // A server of scion-sdk 0.4: it knows the call by its old name only.
            var answer = await CallAsync(ListPaths).ConfigureAwait(false);
            _segmentsCall = ListPaths;
            return answer;
        }

        Task<Protobuf.ListSegmentsResponse> CallAsync(string procedure) => _client.CallAsync(
            procedure,
            request,
            Protobuf.ListSegmentsResponse.Parser,
            cancellationToken);
    }

    /// <summary>Adds the segments that keep the rules; returns what was wrong with one that doesn't.</summary>
    private string? Decode(IEnumerable<Protobuf.PathSegment> messages, List<PathSegment> segments)
    {
        string? fault = null;
        foreach (var message in messages)
        {
            if (segments.Count >= MaxSegmentsOfAKind)
            {
                Interlocked.Increment(ref _rejectedSegments);
            }
            else if (SegmentDecoder.TryDecode(message, _time.GetUtcNow(), out var segment, out var error))
            {
                segments.Add(segment);
            }
            else
            {
                fault = error;
                Interlocked.Increment(ref _rejectedSegments);
            }
        }
        return fault;
    }
}
