namespace MqttScion.Scion;

/// <summary>
/// A chain of segments with what decides whether its path is worth making. Two drafts are equal when they cross the
/// same interfaces.
/// </summary>
internal sealed class PathDraft : IEquatable<PathDraft>
{
    /// <summary>The most hop fields in a path; scion-sdk takes no more.</summary>
    private const int MaxHops = 63;

    private readonly SegmentChain _chain;
    private readonly PathInterface[] _interfaces;
    private readonly int _hashCode;

    /// <summary>Makes a draft of a chain that crosses the interfaces.</summary>
    internal PathDraft(SegmentChain chain, PathInterface[] interfaces, DateTimeOffset expiry)
    {
        (_chain, _interfaces, Expiry) = (chain, interfaces, expiry);
        var hash = new HashCode();
        foreach (var each in interfaces)
        {
            hash.Add(each.IsdAs.Value ^ (ulong)each.Id << 32);
        }
        _hashCode = hash.ToHashCode();
    }

    /// <summary>When the first hop field expires.</summary>
    public DateTimeOffset Expiry { get; }

    /// <summary>The draft of a chain; null when the path would be too long or visit an AS twice.</summary>
    public static PathDraft? Of(SegmentChain chain)
    {
        var (hops, count) = (0, 0);
        var expiry = DateTimeOffset.MaxValue;
        for (var i = 0; i < chain.Count; i++)
        {
            var part = chain[i].Part;
            hops += part.Entries.Length;
            count += part.Interfaces.Length;
            expiry = part.Expiry < expiry ? part.Expiry : expiry;
        }
        if (hops > MaxHops)
        {
            return null;
        }

        var interfaces = new PathInterface[count];
        for (var (i, at) = (0, 0); i < chain.Count; i++)
        {
            chain[i].Part.Interfaces.CopyTo(interfaces, at);
            at += chain[i].Part.Interfaces.Length;
        }
        return HasLoop(interfaces) ? null : new PathDraft(chain, interfaces, expiry);
    }

    /// <summary>Makes the path, without next hop.</summary>
    public ScionPath Build()
    {
        var header = PathHeader.Create(HopsOf(0), HopsOf(1), HopsOf(2));
        var bytes = new byte[header.Length];
        header.Write(bytes);
        var (mtu, hasMetadata) = (int.MaxValue, false);
        for (var (i, at) = (0, header.HopFieldOffset(0)); i < _chain.Count; i++)
        {
            var part = _chain[i].Part;
            part.Info.Write(bytes.AsSpan(PathHeader.InfoFieldOffset(i)));
            part.HopFields.CopyTo(bytes, at);
            at += part.HopFields.Length;
            mtu = Math.Min(mtu, part.Mtu);
            hasMetadata |= part.HasMetadata;
        }
        mtu = mtu == int.MaxValue ? PathCombinator.DefaultMtu : mtu;
        var path = new ScionPath(bytes, _interfaces, mtu, Expiry, nextHop: null);
        return hasMetadata ? path.WithMetadata(Metadata()) : path;
    }

    /// <inheritdoc/>
    public bool Equals(PathDraft? other) =>
        other is not null
        && _hashCode == other._hashCode
        && _interfaces.AsSpan().SequenceEqual(other._interfaces);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as PathDraft);

    /// <inheritdoc/>
    public override int GetHashCode() => _hashCode;

    private int HopsOf(int index) => index < _chain.Count ? _chain[index].Part.Entries.Length : 0;

    private PathMetadata Metadata()
    {
        var metadata = new PathMetadataBuilder(_interfaces);
        for (var i = 0; i < _chain.Count; i++)
        {
            foreach (var entry in _chain[i].Part.Entries)
            {
                metadata.Add(entry);
            }
        }
        return metadata.Build();
    }

    /// <summary>True when the path enters an AS that it has left. Interfaces stand in pairs: exit, entry.</summary>
    private static bool HasLoop(PathInterface[] interfaces)
    {
        for (var i = 1; i < interfaces.Length; i += 2)
        {
            var isdAs = interfaces[i].IsdAs;
            for (var j = 0; j < i; j += 2)
            {
                if (interfaces[j].IsdAs == isdAs)
                {
                    return true;
                }
            }
        }
        return false;
    }
}
