using System.Net;

namespace MqttScion.Scion;

/// <summary>The local ASes and, for each of their interfaces, the border router to send to. Immutable.</summary>
internal sealed class UnderlayTable
{
    private readonly Dictionary<PathInterface, IPEndPoint> _routers = [];
    private readonly List<IsdAs> _local = [];

    /// <summary>Reads an answer; routers without a usable address are left out.</summary>
    public UnderlayTable(Protobuf.ListUnderlaysResponse answer, DateTimeOffset expiry)
    {
        Expiry = expiry;
        foreach (var router in answer.Udp?.Routers ?? [])
        {
            var isdAs = new IsdAs(router.IsdAs);
            if (isdAs.IsWildcard || !IPEndPoint.TryParse(router.Address, out var address) || address.Port == 0)
            {
                continue;
            }
            if (!_local.Contains(isdAs))
            {
                _local.Add(isdAs);
            }
            foreach (var id in router.Interfaces.Where(id => id is > 0 and <= ushort.MaxValue))
            {
                _routers[new PathInterface(isdAs, (ushort)id)] = address;
            }
        }
        HasSnap = answer.Snap?.Snaps.Count > 0;
    }

    /// <summary>When the table must be asked for again.</summary>
    public DateTimeOffset Expiry { get; }

    /// <summary>The ASes with a UDP underlay, in the order of the answer.</summary>
    public IReadOnlyList<IsdAs> Local => _local;

    /// <summary>True when the answer offers SNAP underlays, which this library doesn't speak yet.</summary>
    public bool HasSnap { get; }

    /// <summary>The router that owns an interface; null when the answer names none.</summary>
    public IPEndPoint? RouterOf(PathInterface id) => _routers.GetValueOrDefault(id);
}
