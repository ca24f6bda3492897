using System.Diagnostics;
using MqttScion.Scion;

namespace MqttScion.Benchmarks;

/// <summary>An SCMP error says that an interface is down, which some of the paths in a store use.</summary>
/// <remarks>From the datagram to the last event: quote read, path found, paths held back, an observer told.</remarks>
internal static class LinkDownBenchmark
{
    private const int Paths = 1000;
    private const int AsesPerPath = 6;

    private static readonly IsdAs FaultyAs = new(1, 100);
    private static readonly PathInterface Faulty = new(FaultyAs, 2);

    /// <param name="affected">How many of the paths go over the interface.</param>
    public static OperationFigure Run(int affected)
    {
        var paths = Enumerable.Range(0, Paths).Select(index => MakePath(index, affected)).ToArray();
        var (quote, events) = (Quote(paths[0]), 0);
        var store = new PathStore();
        var reactor = Restore();
        return OperationFigure.Of(
            $"store: SCMP 5 for {affected} of {Paths} paths",
            _ =>
            {
                events = 0;
                var scmp = new ScmpMessage(ScmpType.ExternalInterfaceDown, Code: 0);
                var datagram = new ScionDatagram
                {
                    IsScmp = true,
                    Scmp = scmp with { IsdAs = FaultyAs, Interface = Faulty.Id },
                    Source = new ScionEndPoint(FaultyAs, default, Port: 0),
                    Payload = quote,
                };
                reactor.Receive(datagram, TimeSpan.Zero);
                return events == affected
                    ? (ulong)events
                    : throw new UnreachableException($"{events} paths went down.");
            },
            restore: () => reactor = Restore());

        // A path that goes down again is held back for longer: each time is the first one.
        ScmpReactor Restore()
        {
            store.Dispose();
            store = new PathStore();
            store.Update(paths);
            store.Events.Subscribe(each => events += each is PathEvent.Down ? 1 : 0);
            return new ScmpReactor([store], (in ScmpQuote _) => true);
        }
    }

    private static byte[] Quote(ScionPath path)
    {
        var template = new HeaderTemplate(
            new ScionEndPoint(path.Source, default, Port: 31000),
            new ScionEndPoint(path.Destination, default, Port: 8883),
            PathType.Scion,
            path.DataplanePath.Span);
        var packet = new byte[1100];
        template.Stamp(packet);
        return packet;
    }

    // Its ASes and interfaces are its own, except where it goes through the faulty AS.
    private static ScionPath MakePath(int index, int affected)
    {
        var interfaces = new List<PathInterface>();
        var hopFields = new HopField[AsesPerPath];
        for (var i = 0; i < AsesPerPath; i++)
        {
            var isFaulty = i == 2 && index % (Paths / affected) == 0;
            var isdAs = i == 0 ? new IsdAs(1, 1) : i == AsesPerPath - 1 ? new IsdAs(2, 1)
                : isFaulty ? FaultyAs : new IsdAs(1, (ulong)(1000 + index * AsesPerPath + i));
            var id = 10 + index * 2 * AsesPerPath + 2 * i;
            var ingress = (ushort)(i == 0 ? 0 : id);
            var egress = (ushort)(i == AsesPerPath - 1 ? 0 : isFaulty ? Faulty.Id : id + 1);
            hopFields[i] = new HopField(63, ingress, egress, [1, 2, 3, 4, 5, 6]);
            if (ingress != 0)
                interfaces.Add(new PathInterface(isdAs, ingress));
            if (egress != 0)
                interfaces.Add(new PathInterface(isdAs, egress));
        }
        var info = new InfoField(IsPeering: false, ConsDir: true, SegId: 1, Timestamp: 1_700_000_000);
        var dataplanePath = PathHeader.Encode([AsesPerPath], [info], hopFields);
        return new ScionPath(dataplanePath, interfaces, 1400, DateTimeOffset.MaxValue, nextHop: null);
    }
}
