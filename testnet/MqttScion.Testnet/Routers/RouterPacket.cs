using MqttScion.Scion;
using MqttScion.Udp;

namespace MqttScion.Testnet;

/// <summary>A packet on its way through a border router, with its current info and hop field.</summary>
internal ref struct RouterPacket
{
    internal RouterPacket(
        Span<byte> bytes, ScionPacketReader header, PathHeader path, ushort ingress, UdpAddress sender)
    {
        Bytes = bytes;
        Header = header;
        Path = path;
        Ingress = ingress;
        Sender = sender;
        Load();
    }

    /// <summary>The whole packet, changed in place.</summary>
    internal Span<byte> Bytes { get; }

    /// <summary>A view of the same bytes.</summary>
    internal ScionPacketReader Header { get; }

    /// <summary>The interface that it came in by; 0 for from inside.</summary>
    internal ushort Ingress { get; }

    /// <summary>The underlay address that it came from.</summary>
    internal UdpAddress Sender { get; }

    internal PathHeader Path { get; private set; }

    internal InfoField Info { get; private set; }

    internal HopField Hop { get; private set; }

    /// <summary>The current hop is one of the two at a peering link.</summary>
    internal bool IsPeering { get; set; }

    /// <summary>The router has changed from one segment to the next.</summary>
    internal bool HasCrossedOver { get; private set; }

    /// <summary>The router has taken its own MAC out of a SegID that runs against construction direction.</summary>
    internal bool IsIngressSegIdUpdated { get; private set; }

    internal readonly bool IsFromOutside => Ingress != 0;

    internal readonly ushort IngressOfHop => Info.ConsDir ? Hop.ConsIngress : Hop.ConsEgress;

    internal readonly ushort EgressOfHop => Info.ConsDir ? Hop.ConsEgress : Hop.ConsIngress;

    /// <summary>
    /// The interface by which the packet came into the AS, as its path says: where the AS changes segments, the hop
    /// before the current one tells.
    /// </summary>
    internal readonly ushort EntryInterface
    {
        get
        {
            var previous = Path.CurrentHopField - 1;
            if (IsPeering || previous < 0 || Path.InfoFieldOfHop(previous) == Path.CurrentInfoField)
                return IngressOfHop;
            var hop = Path.ReadHopField(PathBytes, previous);
            return PathHeader.ReadInfoField(PathBytes, Path.InfoFieldOfHop(previous)).ConsDir
                ? hop.ConsIngress
                : hop.ConsEgress;
        }
    }

    internal readonly bool HasIngressAlert => Info.ConsDir ? Hop.IngressAlert : Hop.EgressAlert;

    internal readonly bool HasEgressAlert => Info.ConsDir ? Hop.EgressAlert : Hop.IngressAlert;

    /// <summary>The offset of the current info field in the packet, in bytes.</summary>
    internal readonly ushort InfoPointer =>
        (ushort)(Header.PathOffset + PathHeader.InfoFieldOffset(Path.CurrentInfoField));

    /// <summary>The offset of the current hop field in the packet, in bytes.</summary>
    internal readonly ushort HopPointer => (ushort)(Header.PathOffset + Path.HopFieldOffset(Path.CurrentHopField));

    internal readonly Span<byte> PathBytes => Bytes[Header.PathOffset..Header.HeaderLength];

    /// <summary>Takes the hop's MAC out of the SegID on the way in, or puts it in on the way out.</summary>
    internal void UpdateSegId(bool isIngress)
    {
        Info = Info with { SegId = (ushort)(Info.SegId ^ Hop.SegIdUpdate) };
        Info.Write(PathBytes[PathHeader.InfoFieldOffset(Path.CurrentInfoField)..]);
        IsIngressSegIdUpdated |= isIngress;
    }

    internal void ClearIngressAlert() =>
        Store(Info.ConsDir ? Hop with { IngressAlert = false } : Hop with { EgressAlert = false });

    internal void ClearEgressAlert() =>
        Store(Info.ConsDir ? Hop with { EgressAlert = false } : Hop with { IngressAlert = false });

    /// <summary>Goes to the next hop field; false at the last one.</summary>
    internal bool TryAdvance()
    {
        if (!Path.TryIncrement(out var next))
            return false;
        Path = next;
        Path.Write(PathBytes);
        Load();
        return true;
    }

    /// <summary>Goes to the first hop field of the next segment.</summary>
    internal bool TryCrossOver()
    {
        HasCrossedOver = true;
        return TryAdvance();
    }

    private void Load()
    {
        Info = PathHeader.ReadInfoField(PathBytes, Path.CurrentInfoField);
        Hop = Path.ReadHopField(PathBytes, Path.CurrentHopField);
    }

    private void Store(HopField hop)
    {
        Hop = hop;
        Hop.Write(PathBytes[Path.HopFieldOffset(Path.CurrentHopField)..]);
    }
}
