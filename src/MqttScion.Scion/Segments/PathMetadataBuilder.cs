namespace MqttScion.Scion;

/// <summary>Collects what the entries along one path announce about it; reads them in the order of travel.</summary>
/// <remarks>
/// Where entries contradict each other the careful value counts, as in scionproto: the higher latency, the lower
/// bandwidth, the lower number of internal hops, no link type. Of two locations the later one counts.
/// </remarks>
internal sealed class PathMetadataBuilder(PathInterface[] interfaces)
{
    private readonly PathInterface[] _interfaces = interfaces;
    private TimeSpan?[]? _latencies;
    private ulong[]? _bandwidths;
    private GeoCoordinates?[]? _locations;
    private PathLinkType?[]? _linkTypes;
    private uint[]? _internalHops;
    private string[]? _notes;

    /// <summary>The AS that is read: 0 for the source, one more with each link.</summary>
    private int _hop;

    private int HopCount => _interfaces.Length / 2 + 1;

    /// <summary>Takes the next entry; two in a row may be of one AS, where segments meet.</summary>
    public void Add(SegmentEntry entry)
    {
        if (_hop < HopCount - 1 && entry.IsdAs != _interfaces[2 * _hop].IsdAs)
        {
            _hop++;
        }
        if (entry.Metadata is not { } announced)
        {
            return;
        }
        AddNote(announced.Note);
        if (_hop > 0)
        {
            AddInterface(2 * _hop - 1, announced);
        }
        if (_hop < HopCount - 1)
        {
            AddInterface(2 * _hop, announced);
        }
        if (_hop > 0 && _hop < HopCount - 1)
        {
            AddTransit(entry.Hop.ConsEgress, announced);
        }
    }

    /// <summary>The metadata of the path.</summary>
    public PathMetadata Build() => new()
    {
        Latencies = _latencies ?? [],
        BandwidthsKbps = _bandwidths ?? [],
        Locations = _locations ?? [],
        LinkTypes = _linkTypes is null ? [] : Array.ConvertAll(_linkTypes, type => type ?? PathLinkType.Unspecified),
        InternalHops = _internalHops ?? [],
        Notes = _notes is null ? [] : Array.ConvertAll(_notes, note => note ?? ""),
    };

    /// <summary>Interfaces 2n and 2n+1 are the ends of link n, whose values stand at 2n.</summary>
    private void AddInterface(int index, EntryMetadata announced)
    {
        if (!announced.Interfaces.TryGetValue(_interfaces[index].Id, out var each))
        {
            return;
        }
        AddLatency(index & ~1, each.LinkLatency);
        AddBandwidth(index & ~1, each.LinkKbps);
        if (each.LinkType is { } type)
        {
            _linkTypes ??= new PathLinkType?[_interfaces.Length / 2];
            ref var known = ref _linkTypes[index / 2];
            known = known is null || known == type ? type : PathLinkType.Unspecified;
        }
        if (each.Location is { } location)
        {
            (_locations ??= new GeoCoordinates?[_interfaces.Length])[index] = location;
        }
    }

    /// <summary>An entry tells of the way between its egress and another interface: here the two of the path.</summary>
    private void AddTransit(ushort egress, EntryMetadata announced)
    {
        var (entered, left) = (_interfaces[2 * _hop - 1].Id, _interfaces[2 * _hop].Id);
        if ((egress != entered && egress != left)
            || !announced.Interfaces.TryGetValue(egress == left ? entered : left, out var other))
        {
            return;
        }
        AddLatency(2 * _hop - 1, other.EgressLatency);
        AddBandwidth(2 * _hop - 1, other.EgressKbps);
        if (other.EgressHops > 0)
        {
            ref var known = ref (_internalHops ??= new uint[HopCount - 2])[_hop - 1];
            known = known == 0 ? other.EgressHops : Math.Min(known, other.EgressHops);
        }
    }

    private void AddLatency(int index, TimeSpan? latency)
    {
        if (latency is not null)
        {
            ref var known = ref (_latencies ??= new TimeSpan?[_interfaces.Length - 1])[index];
            known = known > latency ? known : latency;
        }
    }

    private void AddBandwidth(int index, ulong kbps)
    {
        if (kbps > 0)
        {
            ref var known = ref (_bandwidths ??= new ulong[_interfaces.Length - 1])[index];
            known = known == 0 ? kbps : Math.Min(known, kbps);
        }
    }

    private void AddNote(string note)
    {
        if (note.Length > 0)
        {
            ref var known = ref (_notes ??= new string[HopCount])[_hop];
            known = known is null || known == note ? note : $"{known}\n{note}";
        }
    }
}
