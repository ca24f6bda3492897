using System.Net;

namespace MqttScion.Scion;

/// <summary>The local ASes and, for each of their interfaces, the border router to send to. Immutable.</summary>
internal sealed class UnderlayTable
{
    private readonly Dictionary<IsdAs, Dictionary<ushort, IPEndPoint>> _routers = [];

    /// <summary>Reads an answer; routers without a usable address are left out.</summary>
    public UnderlayTable(Protobuf.ListUnderlaysResponse answer)
    {
        var local = new List<LocalAs>();
        foreach (var router in answer.Udp?.Routers ?? [])
        {
            var isdAs = new IsdAs(router.IsdAs);
            if (isdAs.IsWildcard || !IPEndPoint.TryParse(router.Address, out var address) || address.Port == 0)
            {
                continue;
            }
            if (!_routers.TryGetValue(isdAs, out var interfaces))
            {
                interfaces = _routers[isdAs] = [];
                local.Add(new LocalAs(isdAs) { Routers = interfaces });
            }
            foreach (var id in router.Interfaces.Where(id => id is > 0 and <= ushort.MaxValue))
            {
                interfaces[(ushort)id] = address;
            }
        }
        Local = local;
        HasSnap = answer.Snap?.Snaps.Count > 0;
    }

    /// <summary>The ASes with a UDP underlay, in the order of the answer.</summary>
    public IReadOnlyList<LocalAs> Local { get; }

    /// <summary>True when the answer offers SNAP underlays, which this library doesn't speak yet.</summary>
    public bool HasSnap { get; }

    /// <summary>The border router of each interface of an AS; none for an AS that is not in the answer.</summary>
    public IReadOnlyDictionary<ushort, IPEndPoint> RoutersOf(IsdAs isdAs) =>
        _routers.GetValueOrDefault(isdAs) ?? [];
}
