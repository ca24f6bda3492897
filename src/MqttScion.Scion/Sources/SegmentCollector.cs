using System.Net;

namespace MqttScion.Scion;

/// <summary>
/// Gathers the segments of one look-up, leaves out those that break a rule, and makes paths of the rest.
/// </summary>
internal sealed class SegmentCollector(DateTimeOffset now)
{
    /// <summary>The most segments of a kind that are looked at.</summary>
    public const int MaxSegmentsOfAKind = 1024;

    private readonly List<PathSegment> _up = [];
    private readonly List<PathSegment> _core = [];
    private readonly List<PathSegment> _down = [];
    private readonly int[] _seen = new int[3];

    /// <summary>How many segments were left out.</summary>
    public int Rejected { get; private set; }

    /// <summary>What was wrong with the last one left out; null when none was.</summary>
    public string? Fault { get; private set; }

    /// <summary>True when segments came and none of them can be used.</summary>
    public bool HasOnlyRejected => Rejected > 0 && _up.Count + _core.Count + _down.Count == 0;

    /// <summary>Adds the segments that keep the rules.</summary>
    public void Add(SegmentKind kind, IReadOnlyCollection<Protobuf.PathSegment> messages)
    {
        var room = MaxSegmentsOfAKind - _seen[(int)kind];
        if (messages.Count > room)
        {
            var fault = $"{messages.Count} more {kind} segments; at most {MaxSegmentsOfAKind} are taken";
            Reject(fault, messages.Count - room);
        }
        _seen[(int)kind] += Math.Min(room, messages.Count);
        foreach (var message in messages.Take(room))
        {
            if (SegmentDecoder.TryDecode(message, now, out var segment, out var error))
            {
                Of(kind).Add(segment);
            }
            else
            {
                Reject(error, 1);
            }
        }
    }

    /// <summary>True when a segment of the kind begins at the AS.</summary>
    public bool HasFrom(SegmentKind kind, IsdAs isdAs) => Of(kind).Exists(segment => segment.First == isdAs);

    /// <summary>Notes segments that are left out for another reason.</summary>
    public void Reject(string fault, int count)
    {
        Fault = fault;
        Rejected += count;
    }

    /// <summary>All paths that are valid now, the shortest first, each with its border router.</summary>
    /// <param name="source">Where the paths begin.</param>
    /// <param name="destination">Where they end; another AS.</param>
    /// <param name="routers">The border router of each interface of the source.</param>
    /// <param name="fault">Why there are paths and none is usable; null otherwise.</param>
    public IReadOnlyList<ScionPath> Paths(
        IsdAs source,
        IsdAs destination,
        IReadOnlyDictionary<ushort, IPEndPoint> routers,
        out string? fault)
    {
        var paths = PathCombinator.Combine(source, destination, new SegmentSet(_up, _core, _down))
            .Where(path => path.Expiry > now)
            .ToList();
        var usable = paths
            .Select(path => path.WithNextHop(routers.GetValueOrDefault(path.Interfaces[0].Id)))
            .Where(path => path.NextHop is not null)
            .ToList();
        fault = usable.Count == 0 && paths.Count > 0
            ? $"names no border router for {paths[0].Interfaces[0]}, where the first of {paths.Count} paths to "
                + $"{destination} begins"
            : null;
        return usable;
    }

    private List<PathSegment> Of(SegmentKind kind) => kind switch
    {
        SegmentKind.Up => _up,
        SegmentKind.Core => _core,
        _ => _down,
    };
}
