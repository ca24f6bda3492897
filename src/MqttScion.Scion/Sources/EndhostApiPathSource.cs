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

    /// <summary>How many answers of the largest size are taken for one look-up.</summary>
    private const int MaxFullPages = 4;

    private const int MaxPageTokenLength = 4096;

    private readonly EndhostApiOptions _options;
    private readonly TimeProvider _time;
    private readonly ConnectClient _client;
    private readonly Refreshed<UnderlayTable> _underlays;
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
        _underlays = new Refreshed<UnderlayTable>(_options.UnderlayLifetime, _time, UnderlaysAsync);
    }

    /// <summary>
    /// How many segments were left out so far: against the rules, or beyond the bound of 1024 of a kind.
    /// </summary>
    public long RejectedSegments => Interlocked.Read(ref _rejectedSegments);

    /// <summary>
    /// How often the border routers could not be asked for again; those known from before stay in use meanwhile.
    /// </summary>
    public long FailedRefreshes => _underlays.Failures;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<LocalAs>> GetLocalAsync(CancellationToken cancellationToken = default) =>
        (await _underlays.GetAsync(cancellationToken).ConfigureAwait(false)).Local;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ScionPath>> GetPathsAsync(
        IsdAs destination,
        IsdAs? source = null,
        CancellationToken cancellationToken = default)
    {
        SingleAs.ThrowIfWildcard(destination);
        var underlays = await _underlays.GetAsync(cancellationToken).ConfigureAwait(false);
        var from = source ?? underlays.Local[0].IsdAs;
        if (!underlays.Local.Any(each => each.IsdAs == from))
        {
            throw _client.Fault(
                ListUnderlays, $"names no border router of {from}: {from} is not a local AS.", "invalid_argument");
        }
        if (from == destination)
        {
            return [ScionPath.SameAs(from, _options.LocalMtu, _time.GetUtcNow() + TimeSpan.FromDays(1))];
        }

        var segments = await SegmentsAsync(from, destination, cancellationToken).ConfigureAwait(false);
        var paths = segments.Paths(from, destination, underlays.RoutersOf(from), out var fault);
        return fault is null ? paths : throw _client.Fault(ListUnderlays, fault + ".");
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private async Task<UnderlayTable> UnderlaysAsync(CancellationToken cancellationToken)
    {
        var answer = await _client
            .CallAsync(
                ListUnderlays,
                new Protobuf.ListUnderlaysRequest(),
                Protobuf.ListUnderlaysResponse.Parser,
                cancellationToken)
            .ConfigureAwait(false);
        var table = new UnderlayTable(answer);
        return table.Local.Count > 0
            ? table
            : throw _client.Fault(
                ListUnderlays,
                "names no border router with a usable address; expected one or more in a UDP underlay"
                + $"{(table.HasSnap ? ", and it offers SNAP only" : "")}.");
    }

    private async Task<SegmentCollector> SegmentsAsync(
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
        var segments = new SegmentCollector(_time.GetUtcNow());
        var taken = 0L;
        for (var page = 0; page < MaxPages; page++)
        {
            var answer = await PageAsync(request, cancellationToken).ConfigureAwait(false);
            taken += answer.CalculateSize();
            if (taken > MaxFullPages * (long)_options.MaxAnswerBytes)
            {
                throw Fault(
                    $"gave more than {MaxFullPages * (long)_options.MaxAnswerBytes} bytes in {page + 1} pages, the "
                    + "most that is taken.");
            }
            var rejected = segments.Rejected;
            segments.Add(SegmentKind.Up, answer.UpSegments);
            segments.Add(SegmentKind.Core, answer.CoreSegments);
            segments.Add(SegmentKind.Down, answer.DownSegments);
            Interlocked.Add(ref _rejectedSegments, segments.Rejected - rejected);
            if (answer.NextPageToken.Length == 0)
            {
                return segments.HasOnlyRejected
                    ? throw Fault($"gave only segments that break the rules, such as: {segments.Fault}.")
                    : segments;
            }
            if (answer.NextPageToken.Length > MaxPageTokenLength)
            {
                throw Fault(
                    $"gave a page token of {answer.NextPageToken.Length} characters; at most {MaxPageTokenLength} are "
                    + "taken.");
            }
            request.PageToken = answer.NextPageToken;
        }
        throw Fault($"gave more than {MaxPages} pages of segments, the most that are asked for.");
    }

    private PathLookupException Fault(string what) => _client.Fault(_segmentsCall, what);

    private async Task<Protobuf.ListSegmentsResponse> PageAsync(
        Protobuf.ListSegmentsRequest request,
        CancellationToken cancellationToken)
    {
        var call = _segmentsCall;
        try
        {
            return await CallAsync(call).ConfigureAwait(false);
        }
        catch (PathLookupException e) when (e.Code is "not_found" or "unimplemented")
        {
            // A server of scion-sdk 0.4 knows the call by its old name only; one renewed since, maybe by its new one.
            var other = call == ListSegments ? ListPaths : ListSegments;
            var answer = await CallAsync(other).ConfigureAwait(false);
            _segmentsCall = other;
            return answer;
        }

        Task<Protobuf.ListSegmentsResponse> CallAsync(string procedure) => _client.CallAsync(
            procedure,
            request,
            Protobuf.ListSegmentsResponse.Parser,
            cancellationToken);
    }
}
