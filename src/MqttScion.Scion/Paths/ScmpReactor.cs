namespace MqttScion.Scion;

/// <summary>Draws the conclusions from SCMP errors for the paths of some stores.</summary>
/// <remarks>
/// <para>
/// Anyone can send an SCMP error. It counts only when its quote is a packet that we sent (<see cref="ScmpQuoteCheck"/>)
/// and when it comes from an AS on that packet's path; interface and connectivity down must come from the very AS that
/// they speak of, and the interfaces must be on the path. Any other is counted and at most asks for a probe.
/// </para>
/// <para>Then, by type and code:</para>
/// <list type="bullet">
/// <item>5, 6: every path over the interface, or over the pair of interfaces, in either direction, is down.</item>
/// <item>1/0, 1, 2, 5, 6 (no route, prohibited, scope, policy, rejected) from an AS in transit: the path is down. From
/// the AS at either end, as 1/3 and 1/4 (host, port): no path fault, since every path leads there.</item>
/// <item>2: the path's usable MTU is lowered, not below 1232 bytes, the length that every path carries.</item>
/// <item>4/48 to 4/53 (the path's own fields, 51 a wrong MAC, 52 expired): the path is down until it is renewed or its
/// hold-off ends; a <see cref="PathRefresher"/> looks it up again. About a path renewed since: outdated.</item>
/// <item>4, else: a fault of ours or on the way that another path need not cure: no path fault.</item>
/// </list>
/// <para>For one thread at a time; the counts may be read by any.</para>
/// </remarks>
public sealed class ScmpReactor
{
    /// <summary>The shortest MTU that an SCMP error is believed: the longest SCMP error itself, in bytes.</summary>
    public const int MinMtu = ScmpMessage.MaxErrorPacketLength;

    private const int MaxProbesPerError = 8;
    private const int MaxProbesPerSecond = 16;

    private static readonly int ReactionCount = Enum.GetValues<ScmpReaction>().Length;

    private readonly PathStore[] _stores;
    private readonly ScmpQuoteCheck _isOurs;
    private readonly Action<ScionPath>? _askForProbe;
    private readonly long[] _counts = new long[(byte.MaxValue + 1) * ReactionCount];
    private TimeSpan _secondStart;
    private int _probesInSecond;

    /// <summary>Makes a reactor.</summary>
    /// <param name="stores">The stores whose paths are marked.</param>
    /// <param name="isOurs">Tells whether a quote is a packet that we sent.</param>
    /// <param name="askForProbe">Asked to probe a path about which an unrecognized error came, at most 16 times a
    /// second; null when nothing probes.</param>
    public ScmpReactor(IEnumerable<PathStore> stores, ScmpQuoteCheck isOurs, Action<ScionPath>? askForProbe = null)
    {
        ArgumentNullException.ThrowIfNull(stores);
        ArgumentNullException.ThrowIfNull(isOurs);
        (_stores, _isOurs, _askForProbe) = ([.. stores], isOurs, askForProbe);
    }

    /// <summary>How often errors of a type led to a reaction.</summary>
    public long Count(ScmpType type, ScmpReaction reaction) =>
        Volatile.Read(ref _counts[(byte)type * ReactionCount + (int)reaction]);

    /// <summary>Reacts to an SCMP message.</summary>
    /// <param name="datagram">The message as the socket gave it.</param>
    /// <param name="now">The time since some fixed moment.</param>
    public ScmpReaction Receive(in ScionDatagram datagram, TimeSpan now)
    {
        var scmp = datagram.Scmp;
        if (!datagram.IsScmp || !scmp.IsError || !ScmpQuote.TryRead(datagram.Payload, out var quote))
        {
            return Note(scmp.Type, ScmpReaction.Ignored);
        }
        var path = Find(quote, out var store, out var isCurrent);
        if (!_isOurs(quote))
        {
            AskForProbes(scmp, datagram.Source.IsdAs, path, now);
            return Note(scmp.Type, ScmpReaction.Unrecognized);
        }
        if (!IsPlausible(scmp, datagram.Source.IsdAs, quote, path))
        {
            return Note(scmp.Type, ScmpReaction.Implausible);
        }
        var why = $"SCMP {scmp} from {datagram.Source.IsdAs},{datagram.Source.Host}";
        return Note(scmp.Type, scmp.Type switch
        {
            ScmpType.ExternalInterfaceDown or ScmpType.InternalConnectivityDown => MarkSite(scmp, why),
            ScmpType.PacketTooBig => Narrow(scmp, quote, store, path),
            ScmpType.DestinationUnreachable => MarkUnreachable(scmp, datagram.Source.IsdAs, store, path, why),
            ScmpType.ParameterProblem => MarkProblem(scmp, store, path, isCurrent, why),
            _ => ScmpReaction.NoPathFault,
        });
    }

    private static FaultSite SiteOf(in ScmpMessage scmp) =>
        FaultSite.Between(scmp.IsdAs, (ushort)scmp.Interface, (ushort)scmp.Egress);

    private static bool IsOfInterfaces(in ScmpMessage scmp) =>
        scmp.Type is ScmpType.ExternalInterfaceDown or ScmpType.InternalConnectivityDown
        && scmp is { Interface: <= ushort.MaxValue, Egress: <= ushort.MaxValue };

    private static bool IsPlausible(in ScmpMessage scmp, IsdAs source, in ScmpQuote quote, ScionPath? path)
    {
        if (scmp.Type is ScmpType.ExternalInterfaceDown or ScmpType.InternalConnectivityDown)
        {
            return scmp.IsdAs == source && IsOfInterfaces(scmp)
                && (path is null ? ContainsSite(quote.Packet.RawPath, scmp) : ContainsSite(path, scmp));
        }
        return path is null || path.Hops.Any(hop => hop.IsdAs == source);
    }

    private static bool ContainsSite(ScionPath path, in ScmpMessage scmp) =>
        Array.IndexOf(FaultSite.Of(path), SiteOf(scmp)) > 0;

    // The path of an answer, or one that no look-up returns any more: its ASes are not known to us.
    private static bool ContainsSite(ReadOnlySpan<byte> rawPath, in ScmpMessage scmp) =>
        (scmp.Interface != 0 || scmp.Egress != 0)
        && (scmp.Interface == 0 || WirePath.Contains(rawPath, scmp.Interface))
        && (scmp.Egress == 0 || WirePath.Contains(rawPath, scmp.Egress));

    private static ScmpReaction Narrow(in ScmpMessage scmp, in ScmpQuote quote, PathStore? store, ScionPath? path)
    {
        var packetLength = quote.Packet.HeaderLength + quote.Packet.PayloadLength;
        if (scmp.Mtu >= packetLength)
        {
            return ScmpReaction.Implausible;
        }
        var isNarrowed = path is not null && store!.Narrow(path, Math.Max((int)scmp.Mtu, MinMtu));
        return isNarrowed ? ScmpReaction.Narrowed : ScmpReaction.NoPathFault;
    }

    private static ScmpReaction MarkUnreachable(
        in ScmpMessage scmp, IsdAs source, PathStore? store, ScionPath? path, string why)
    {
        var isOfHost = scmp.Code is 3 or ScmpCode.PortUnreachable || scmp.Code > 6;
        if (isOfHost || path is null || source == path.Destination || source == path.Source)
        {
            return ScmpReaction.NoPathFault;
        }
        store!.MarkDown(path, why, scmp);
        return ScmpReaction.MarkedDown;
    }

    private static ScmpReaction MarkProblem(
        in ScmpMessage scmp, PathStore? store, ScionPath? path, bool isCurrent, string why)
    {
        if (scmp.Code is < ScmpCode.InvalidPath or > ScmpCode.InvalidSegmentChange || path is null)
        {
            return ScmpReaction.NoPathFault;
        }
        if (!isCurrent)
        {
            return ScmpReaction.Outdated;
        }
        store!.MarkDown(path, why, scmp, endsOnRenewal: true);
        return ScmpReaction.MarkedDown;
    }

    private ScmpReaction MarkSite(in ScmpMessage scmp, string why)
    {
        var site = SiteOf(scmp);
        var where = site.Interface is { } end ? $"{end}" : $"{scmp.IsdAs}#{scmp.Interface}>{scmp.Egress}";
        foreach (var store in _stores)
        {
            store.MarkDown(site, $"{why}: {where}", scmp);
        }
        return ScmpReaction.MarkedDown;
    }

    private ScionPath? Find(in ScmpQuote quote, out PathStore? store, out bool isCurrent)
    {
        foreach (var each in _stores)
        {
            if (each.Find(quote.Packet, out isCurrent) is { } path)
            {
                store = each;
                return path;
            }
        }
        (store, isCurrent) = (null, false);
        return null;
    }

    private void AskForProbes(in ScmpMessage scmp, IsdAs source, ScionPath? path, TimeSpan now)
    {
        if (path is not null)
        {
            AskForProbe(path, now);
        }
        if (scmp.IsdAs != source || !IsOfInterfaces(scmp))
        {
            return;
        }
        foreach (var store in _stores)
        {
            foreach (var over in store.PathsOver(SiteOf(scmp), MaxProbesPerError))
            {
                AskForProbe(over, now);
            }
        }
    }

    private void AskForProbe(ScionPath path, TimeSpan now)
    {
        if (now - _secondStart >= TimeSpan.FromSeconds(1))
        {
            (_secondStart, _probesInSecond) = (now, 0);
        }
        if (_probesInSecond < MaxProbesPerSecond)
        {
            _probesInSecond++;
            _askForProbe?.Invoke(path);
        }
    }

    private ScmpReaction Note(ScmpType type, ScmpReaction reaction)
    {
        ref var count = ref _counts[(byte)type * ReactionCount + (int)reaction];
        Volatile.Write(ref count, count + 1);
        return reaction;
    }
}
