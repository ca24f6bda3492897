using System.CommandLine;
using System.Diagnostics;
using MqttScion.Scion;
using MqttScion.Testnet;

namespace MqttScion.Benchmarks;

/// <summary>What the SCION codec costs a packet, the combination of segments, and a link down in a store of paths.
/// </summary>
/// <remarks>One thread, no socket; the least of many samples is what the machine does when left alone.</remarks>
internal static class ScionBenchmark
{
    private const int PacketBytes = 1200;

    public static Command Command()
    {
        var topology = new Option<string>("--topology")
        {
            Description = "Topology for the combination: a file or a name.",
            DefaultValueFactory = _ => "../shared/vectors/topologies/default.topo",
        };
        var command = new Command("scion", "The SCION codec, the combination of paths and the store of paths.")
        {
            topology,
        };
        command.SetAction(parse => Run(parse.GetValue(topology)!));
        return command;
    }

    private static void Run(string topology)
    {
        Console.WriteLine($"{"one operation",-46} {"least ns",10} {"median ns",10} {"bytes",8}");
        foreach (var figure in Packets())
            Print(figure);
        if (File.Exists(topology) || Topology.WellKnown.ContainsKey(topology))
            Print(Combination(Topology.Load(topology)));
        else
            Console.WriteLine($"combine: no topology '{topology}' here; name one with --topology");
        Print(LinkDownBenchmark.Run(affected: 1));
        Print(LinkDownBenchmark.Run(affected: 100));
        Print(LinkDownBenchmark.Run(affected: 1000));
    }

    private static void Print(OperationFigure figure) => Console.WriteLine(
        $"{figure.Name,-46} {figure.LeastNanoseconds,10:0.0} {figure.MedianNanoseconds,10:0.0} "
        + $"{figure.AllocatedBytes,8:0}");

    private static IEnumerable<OperationFigure> Packets()
    {
        var template = Template();
        var packet = new byte[PacketBytes];
        Random.Shared.NextBytes(packet);
        template.Stamp(packet);
        var header = packet[..template.Length];
        yield return OperationFigure.Of($"parse: {PacketBytes} B, 3 segments, UDP", count => Parse(packet, count));
        yield return OperationFigure.Of("parse, and the addresses", count => ParseAddresses(packet, count));
        yield return OperationFigure.Of($"stamp: {header.Length} B of headers", n => Stamp(template, header, n));
        yield return OperationFigure.Of($"stamp: a packet of {PacketBytes} B", count => Stamp(template, packet, count));
        yield return OperationFigure.Of($"checksum: {PacketBytes} B", count => Sum(packet, count));
        yield return OperationFigure.Of($"checksum: {PacketBytes} B, no vectors", count => SumScalar(packet, count));
    }

    private static HeaderTemplate Template()
    {
        var info = new InfoField(IsPeering: false, ConsDir: true, SegId: 0x1234, Timestamp: 1_700_000_000);
        var hop = new HopField(63, 1, 2, [1, 2, 3, 4, 5, 6]);
        var path = PathHeader.Encode([3, 3, 3], [info, info, info], [.. Enumerable.Repeat(hop, 9)]);
        return new HeaderTemplate(
            ScionEndPoint.Parse("[1-ff00:0:111,10.0.0.1]:31000"),
            ScionEndPoint.Parse("[2-ff00:0:211,10.0.0.2]:8883"),
            PathType.Scion,
            path);
    }

    private static ulong Parse(ReadOnlySpan<byte> packet, int count)
    {
        var read = 0ul;
        for (var i = 0; i < count; i++)
        {
            if (!ScionPacketReader.TryRead(packet, out var reader, out _)
                || !ScionUdpHeader.TryRead(reader.UpperLayer, out var udp, out var payloadLength, out _))
            {
                throw new UnreachableException("The packet is a good one.");
            }
            read += (ulong)payloadLength + udp.DestinationPort;
        }
        return read;
    }

    private static ulong ParseAddresses(ReadOnlySpan<byte> packet, int count)
    {
        var read = 0ul;
        var local = ScionEndPoint.Parse("[2-ff00:0:211,10.0.0.2]:8883");
        for (var i = 0; i < count; i++)
        {
            if (!ScionPacketReader.TryRead(packet, out var reader, out _)
                || !ScionUdpHeader.TryRead(reader.UpperLayer, out var udp, out var payloadLength, out _)
                || reader.DestinationIsdAs != local.IsdAs || reader.DestinationHost != local.Host)
            {
                throw new UnreachableException("The packet is a good one.");
            }
            var source = new ScionEndPoint(reader.SourceIsdAs, reader.SourceHost, udp.SourcePort);
            read += (ulong)payloadLength + source.Port;
        }
        return read;
    }

    private static ulong Stamp(HeaderTemplate template, Span<byte> segment, int count)
    {
        for (var i = 0; i < count; i++)
            template.Stamp(segment);
        return segment[^1];
    }

    private static ulong Sum(ReadOnlySpan<byte> bytes, int count)
    {
        var sum = 0ul;
        for (var i = 0; i < count; i++)
            sum += ScionChecksum.Finish(ScionChecksum.Sum(bytes));
        return sum;
    }

    private static ulong SumScalar(ReadOnlySpan<byte> bytes, int count)
    {
        var sum = 0ul;
        for (var i = 0; i < count; i++)
            sum += ScionChecksum.Finish(ScionChecksum.SumScalar(bytes));
        return sum;
    }

    private static OperationFigure Combination(Topology topology)
    {
        var factory = new SegmentFactory(topology, new ForwardingKeys());
        var (pair, segments, most) = (default((IsdAs, IsdAs)), new SegmentSet([], [], []), -1);
        foreach (var source in topology.Ases.Select(each => each.IsdAs))
        {
            foreach (var destination in topology.Ases.Select(each => each.IsdAs))
            {
                var answer = factory.Segments(source, destination);
                var found = new SegmentSet(
                    Decode(answer.UpSegments), Decode(answer.CoreSegments), Decode(answer.DownSegments));
                var number = PathCombinator.Combine(source, destination, found).Count;
                if (number > most)
                    (pair, segments, most) = ((source, destination), found, number);
            }
        }
        Console.WriteLine(
            $"most paths: {most} from {pair.Item1} to {pair.Item2}, of {segments.Up.Count} up, "
            + $"{segments.Core.Count} core and {segments.Down.Count} down segments");
        return OperationFigure.Of("combine: the pair with most paths", count =>
        {
            var paths = 0ul;
            for (var i = 0; i < count; i++)
                paths += (ulong)PathCombinator.Combine(pair.Item1, pair.Item2, segments).Count;
            return paths;
        });
    }

    private static PathSegment[] Decode(IEnumerable<Scion.Protobuf.PathSegment> messages) =>
        [.. messages.Select(message =>
            SegmentDecoder.TryDecode(message, DateTimeOffset.UtcNow, out var segment, out var error)
                ? segment
                : throw new UnreachableException(error))];
}
