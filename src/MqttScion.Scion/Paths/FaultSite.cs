namespace MqttScion.Scion;

/// <summary>Where a path can fail: at an interface, between two interfaces of an AS, or somewhere unknown.</summary>
/// <remarks>Packets travel over a site in both directions; a site has none.</remarks>
internal readonly record struct FaultSite
{
    private FaultSite(ScionPath path) => Path = path;

    private FaultSite(IsdAs isdAs, ushort one, ushort other) =>
        (IsdAs, First, Second) = (isdAs, Math.Max(one, other), Math.Min(one, other));

    /// <summary>The path that failed as a whole; null when it is known where.</summary>
    public ScionPath? Path { get; }

    /// <summary>The AS in which it failed.</summary>
    public IsdAs IsdAs { get; }

    /// <summary>The interface, or the greater of the two.</summary>
    public ushort First { get; }

    /// <summary>The lesser of two interfaces; 0 when there is one.</summary>
    public ushort Second { get; }

    /// <summary>The interface; null when the site is another.</summary>
    public PathInterface? Interface => Path is null && Second == 0 ? new PathInterface(IsdAs, First) : null;

    /// <summary>A path as a whole: nobody tells where it fails.</summary>
    public static FaultSite At(ScionPath path) => new(path);

    /// <summary>An interface, and the link behind it.</summary>
    public static FaultSite At(PathInterface end) => new(end.IsdAs, end.Id, other: 0);

    /// <summary>The way between two interfaces inside an AS; 0 stands for a host, which leaves the other one.</summary>
    public static FaultSite Between(IsdAs isdAs, ushort one, ushort other) => new(isdAs, one, other);

    /// <summary>All sites of a path.</summary>
    public static FaultSite[] Of(ScionPath path)
    {
        var transits = Math.Max(0, path.Hops.Count - 2);
        var sites = new FaultSite[1 + path.Interfaces.Count + transits];
        sites[0] = At(path);
        for (var i = 0; i < path.Interfaces.Count; i++)
        {
            sites[1 + i] = At(path.Interfaces[i]);
        }
        for (var i = 0; i < transits; i++)
        {
            var hop = path.Hops[1 + i];
            sites[1 + path.Interfaces.Count + i] = Between(hop.IsdAs, hop.Ingress, hop.Egress);
        }
        return sites;
    }
}
