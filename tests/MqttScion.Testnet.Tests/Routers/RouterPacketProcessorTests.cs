using System.Buffers.Binary;
using System.Net;
using System.Text.Json;
using MqttScion.Scion;
using MqttScion.Udp;

namespace MqttScion.Testnet.Tests;

public class RouterPacketProcessorTests
{
    private static readonly UdpAddress Sender = new(new IPEndPoint(IPAddress.Parse("10.0.200.200"), 50_000));

    [VectorFact]
    public void Every_forwarding_vector_ends_as_expected()
    {
        var cases = RouterCase.All().ToList();
        cases.Should().HaveCount(10);
        foreach (var c in cases)
        {
            using var processor = c.Processor();
            var packet = c.Packet();
            var verdict = processor.Process(packet, c.Ingress, Sender, RouterCase.Now);

            var egress = c.Expected.GetProperty("egress_if").GetUInt16();
            var because = $"{c.Name}: {verdict}";
            if (egress == 0)
                verdict.Destination.ToString().Should().Be("10.0.100.100:40000", because);
            else if (c.Name.StartsWith("astransit", StringComparison.Ordinal))
                verdict.Destination.ToString().Should().Be("10.0.200.200:30043", because);
            else
                verdict.Should().Be(new RouterVerdict(RouterAction.Forward, egress), because);

            ScionPacketReader.TryRead(packet, out var reader, out _).Should().BeTrue();
            PathHeader.TryRead(reader.RawPath, out var path, out _).Should().BeTrue();
            path.CurrentInfoField.Should().Be(c.Expected.GetProperty("curr_inf").GetInt32(), because);
            path.CurrentHopField.Should().Be(c.Expected.GetProperty("curr_hf").GetInt32(), because);
            foreach (var (index, segId) in c.Expected.GetProperty("segids").EnumerateArray().Index())
                PathHeader.ReadInfoField(reader.RawPath, index).SegId.Should().Be(segId.GetUInt16(), because);
        }
    }

    [VectorFact]
    public void Every_error_vector_ends_as_expected()
    {
        var (inbound, outbound) = (RouterCase.Named("inbound"), RouterCase.Named("outbound"));
        var packets = new Dictionary<string, (RouterCase Case, byte[] Packet)>
        {
            ["svc without backend"] = Changed(inbound.With(destinationHost: "CS")),
            ["dst IA not local on last hop"] = Changed(inbound.With(destination: "1-ff00:0:f1")),
            ["unparsable dst host type"] = Changed(inbound, packet => packet[9] = 0x80),
            ["dst v4-mapped v6"] = Changed(
                inbound.With(destinationHost: "2001:db8::1"), packet => Mapped().CopyTo(packet, 28)),
            ["dst unspecified"] = Changed(inbound.With(destinationHost: "0.0.0.0")),
            ["src v4-mapped v6 from local host"] = Changed(
                outbound.With(sourceHost: "2001:db8::1"), packet => Mapped().CopyTo(packet, 32)),
            ["65 hops (24,24,17)"] = (inbound, PacketOf65Hops()),
        };
        var rows = VectorFile.Json("router.json").GetProperty("errors").EnumerateArray().ToList();
        rows.Select(row => row.GetProperty("name").GetString()).Should().BeEquivalentTo(packets.Keys);
        foreach (var row in rows)
        {
            var name = row.GetProperty("name").GetString()!;
            var (c, packet) = packets[name];
            using var processor = c.Processor();
            var verdict = processor.Process(packet, c.Ingress, Sender, RouterCase.Now);
            var expected = row.GetProperty("expect");
            if (expected.ValueKind == JsonValueKind.String)
            {
                verdict.Action.Should().Be(RouterAction.Drop, name);
                continue;
            }
            verdict.Action.Should().Be(RouterAction.Reply, name);
            var type = (ScmpType)expected.GetProperty("type").GetByte();
            ScmpOf(processor).Should().Be(
                new ScmpMessage(type, expected.GetProperty("code").GetByte())
                {
                    ParameterPointer = (ushort)(expected.TryGetProperty("pointer", out var at) ? at.GetInt32() : 0),
                },
                name);
        }
    }

    [VectorFact]
    public void Foreign_source_from_inside_is_refused() =>
        Refusal(RouterCase.Named("outbound").With(source: "1-ff00:0:f1"))
            .Should().Be(Problem(ScmpCode.InvalidSourceAddress, pointer: 20));

    [VectorFact]
    public void Local_source_from_outside_is_refused() =>
        Refusal(RouterCase.Named("brtransit").With(source: "1-ff00:0:110"))
            .Should().Be(Problem(ScmpCode.InvalidSourceAddress, pointer: 20));

    [VectorFact]
    public void Wrong_mac_is_refused_with_a_pointer_to_its_hop_field()
    {
        // Common header 12, ISD-ASes 16, hosts 8, meta 4, one info field 8, one hop field 12.
        const ushort hop = 36 + 4 + 8 + 12;
        Refusal(RouterCase.Named("brtransit"), packet => packet[hop + 6] ^= 1)
            .Should().Be(Problem(ScmpCode.InvalidHopMac, hop));
    }

    [VectorFact]
    public void Expired_hop_is_refused_and_the_last_moment_is_not()
    {
        var c = RouterCase.Named("brtransit");
        using var processor = c.Processor();
        var expiry = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000) + HopField.ExpTimeStep;
        processor.Process(c.Packet(), c.Ingress, Sender, expiry).Action.Should().Be(RouterAction.Forward);
        processor.Process(c.Packet(), c.Ingress, Sender, expiry.AddTicks(1)).Action.Should().Be(RouterAction.Reply);
        ScmpOf(processor).Should().Be(Problem(ScmpCode.PathExpired, 60));
    }

    [VectorFact]
    public void Wrong_ingress_interface_is_refused() =>
        Refusal(RouterCase.Named("brtransit"), ingress: 2)
            .Should().Be(Problem(ScmpCode.UnknownHopIngressInterface, 60));

    [VectorFact]
    public void Wrong_payload_length_is_refused() =>
        Refusal(RouterCase.Named("brtransit"), packet => packet[7]++)
            .Should().Be(Problem(ScmpCode.InvalidPacketSize, 0));

    [VectorFact]
    public void Link_that_is_down_is_reported_with_its_interface()
    {
        var c = RouterCase.Named("brtransit");
        using var processor = c.Processor();
        SetState(processor, 2, LinkState.Down);
        processor.Process(c.Packet(), c.Ingress, Sender, RouterCase.Now)
            .Should().Be(new RouterVerdict(RouterAction.Reply, EgressInterface: 1, Destination: Sender));
        var down = new ScmpMessage(ScmpType.ExternalInterfaceDown, 0) { IsdAs = c.Local, Interface = 2 };
        ScmpOf(processor).Should().Be(down);
        SetState(processor, 2, LinkState.Up);
        processor.Process(c.Packet(), c.Ingress, Sender, RouterCase.Now).Action.Should().Be(RouterAction.Forward);
    }

    [VectorFact]
    public void Reply_quotes_the_packet_and_has_a_right_checksum()
    {
        var c = RouterCase.Named("outbound");
        using var processor = c.Processor();
        SetState(processor, 1, LinkState.Down);
        var packet = c.Packet();
        processor.Process(packet, c.Ingress, Sender, RouterCase.Now)
            .Should().Be(new RouterVerdict(RouterAction.Reply, EgressInterface: 0, Destination: Sender));

        ScionPacketReader.TryRead(processor.Reply, out var reader, out _).Should().BeTrue();
        ScionChecksum.IsValid(reader.AddressHeader, reader.Protocol, reader.UpperLayer).Should().BeTrue();
        reader.DestinationIsdAs.Should().Be(c.Local);
        reader.SourceHost.ToString().Should().Be("10.0.200.100");
        (reader.TrafficClass, reader.FlowId).Should().Be((184, 57005));
        ScmpMessage.TryRead(reader.UpperLayer, out _, out var data, out _).Should().BeTrue();
        data.ToArray().Should().Equal(packet);
    }

    [VectorFact]
    public void Scmp_messages_are_limited_to_the_rate()
    {
        var c = RouterCase.Named("outbound");
        using var processor = c.Processor(scmpPerSecond: 20);
        SetState(processor, 1, LinkState.Down);
        int Replies(TimeSpan later) => Enumerable.Range(0, 50).Count(_ =>
            processor.Process(c.Packet(), c.Ingress, Sender, RouterCase.Now + later).Action == RouterAction.Reply);

        Replies(TimeSpan.Zero).Should().Be(3, "a tenth of a second's worth and one more are the burst");
        Replies(TimeSpan.FromMilliseconds(49)).Should().Be(0);
        Replies(TimeSpan.FromMilliseconds(50)).Should().Be(1);
        Replies(TimeSpan.FromSeconds(10)).Should().Be(3);
        processor.Process(c.Packet(), c.Ingress, Sender, RouterCase.Now).DropReason
            .Should().Be(RouterDropReason.ScmpRateLimited);
    }

    [VectorFact]
    public void Segment_change_handed_over_by_a_sibling_is_taken_only_from_that_sibling()
    {
        // The owner of interface 3 gets what the router of interface 51 has brought into the second segment.
        var c = RouterCase.Named("astransit xover");
        using var first = c.Processor();
        var packet = c.Packet();
        first.Process(packet, c.Ingress, Sender, RouterCase.Now).Action.Should().Be(RouterAction.Deliver);
        var sibling = new IPEndPoint(IPAddress.Parse("10.0.200.100"), 30042);
        using var second = new RouterPacketProcessor(
            new BorderRouterOptions
            {
                IsdAs = c.Local,
                ForwardingKey = c.Key,
                Interfaces =
                [
                    new RouterInterface { Id = 3, Type = LinkType.Core },
                    new RouterInterface { Id = 51, Type = LinkType.Child, Sibling = sibling },
                ],
            },
            IPAddress.Parse("10.0.200.200"));

        second.Process(packet.ToArray(), ingress: 0, Sender, RouterCase.Now).DropReason
            .Should().Be(RouterDropReason.WrongSibling);
        second.Process(packet, ingress: 0, sibling, RouterCase.Now)
            .Should().Be(new RouterVerdict(RouterAction.Forward, EgressInterface: 3));
    }

    [VectorFact]
    public void Wrong_pair_of_links_within_a_segment_is_an_invalid_path()
    {
        var c = RouterCase.Named("brtransit").WithInterfaces((1, LinkType.Parent), (2, LinkType.Core));
        Refusal(c).Should().Be(Problem(ScmpCode.InvalidPath, 60));
    }

    [VectorFact]
    public void Wrong_pair_of_links_at_a_segment_change_points_to_the_info_field()
    {
        var c = RouterCase.Named("astransit xover").WithInterfaces((51, LinkType.Core), (3, LinkType.Core));
        Refusal(c).Should().Be(Problem(ScmpCode.InvalidSegmentChange, 36 + 4 + 8));
    }

    [VectorTheory]
    [InlineData("brtransit", ScmpCode.UnknownHopEgressInterface)]
    [InlineData("brtransit non consdir", ScmpCode.UnknownHopIngressInterface)]
    public void Unknown_egress_interface_is_refused(string name, byte code)
    {
        var c = RouterCase.Named(name).WithInterfaces((1, LinkType.Parent));
        Refusal(c).Should().Be(Problem(code, 60));
    }

    [VectorFact]
    public void Scmp_error_is_not_answered_with_an_scmp_error()
    {
        var c = RouterCase.Named("outbound");
        using var processor = c.Processor();
        SetState(processor, 1, LinkState.Down);
        var packet = c.Packet();
        packet[4] = (byte)L4Protocol.Scmp;
        packet[36 + c.Path().Length] = (byte)ScmpType.ParameterProblem;
        processor.Process(packet, c.Ingress, Sender, RouterCase.Now).DropReason
            .Should().Be(RouterDropReason.NoAnswerPossible);
    }

    [VectorFact]
    public void Inconsistent_paths_are_dropped()
    {
        var c = RouterCase.Named("brtransit");
        using var processor = c.Processor();
        RouterDropReason Reason(Action<byte[]> change)
        {
            var packet = c.Packet();
            change(packet);
            return processor.Process(packet, c.Ingress, Sender, RouterCase.Now).DropReason;
        }

        Reason(p => p[36] |= 0x40).Should().Be(RouterDropReason.InconsistentPath); // CurrINF 1
        Reason(p => p[36] = 0x3f).Should().Be(RouterDropReason.InconsistentPath); // CurrHF 63
        Reason(p => p[40] |= 0x02).Should().Be(RouterDropReason.InconsistentPath); // P flag, one segment
        Reason(p => p[0] = 0x10).Should().Be(RouterDropReason.Malformed);
        Reason(p => p[8] = 2).Should().Be(RouterDropReason.Malformed);
    }

    [VectorFact]
    public void Packet_on_the_way_through_from_an_unknown_inside_router_is_dropped()
    {
        var c = RouterCase.Named("brtransit");
        using var processor = c.Processor();
        processor.Process(c.Packet(), ingress: 0, Sender, RouterCase.Now).DropReason
            .Should().Be(RouterDropReason.WrongSibling);
    }

    [VectorFact]
    public void Traceroute_request_with_an_alert_is_answered()
    {
        var c = RouterCase.Named("outbound");
        using var processor = c.Processor();
        var request = new ScmpMessage(ScmpType.TracerouteRequest, 0) { Identifier = 7, Sequence = 1 };
        var path = c.Path();
        path[12] |= 0x01; // Egress alert on the first hop field, in construction direction.
        ScionHost.TryParse("10.0.0.1", out var host).Should().BeTrue();
        var header = new ScionHeader(new IsdAs(4, 1), host, c.Local, host, PathType.Scion, L4Protocol.Scmp);
        var packet = new byte[500];
        ScionPacketWriter.TryWriteScmp(packet, header, path, request, [], out var length).Should().BeTrue();

        processor.Process(packet.AsSpan(0, length), 0, Sender, RouterCase.Now).Action.Should().Be(RouterAction.Reply);
        ScmpOf(processor).Should().Be(
            new ScmpMessage(ScmpType.TracerouteReply, 0)
            {
                Identifier = 7,
                Sequence = 1,
                IsdAs = c.Local,
                Interface = 1,
            });
    }

    [VectorFact]
    public void Flip_of_every_single_bit_and_every_truncation_never_throws()
    {
        foreach (var c in RouterCase.All())
        {
            using var processor = c.Processor();
            var original = c.Packet();
            for (var bit = 0; bit < original.Length * 8; bit++)
            {
                var packet = original.ToArray();
                packet[bit / 8] ^= (byte)(1 << (bit % 8));
                processor.Process(packet, c.Ingress, Sender, RouterCase.Now);
            }
            for (var length = 0; length < original.Length; length++)
                processor.Process(original.ToArray().AsSpan(0, length), c.Ingress, Sender, RouterCase.Now);
        }
    }

    [VectorFact]
    public void Forwarding_allocates_nothing()
    {
        var c = RouterCase.Named("brtransit");
        using var processor = c.Processor();
        var original = c.Packet();
        var packet = new byte[original.Length];
        void Forward()
        {
            original.CopyTo(packet, 0);
            processor.Process(packet, c.Ingress, Sender, RouterCase.Now);
        }

        Forward();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            Forward();
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().Be(0);
    }

    private static void SetState(RouterPacketProcessor processor, ushort interfaceId, LinkState state) =>
        processor.EgressOf(interfaceId).Shaper.Change(before => before with { State = state });

    private static (RouterCase, byte[]) Changed(RouterCase c, Action<byte[]>? change = null)
    {
        var packet = c.Packet();
        change?.Invoke(packet);
        return (c, packet);
    }

    private static byte[] PacketOf65Hops()
    {
        const int headerLength = 36 + 4 + 3 * InfoField.Length + 65 * HopField.Length;
        var packet = RouterCase.Named("inbound").Packet()[..36];
        Array.Resize(ref packet, headerLength);
        packet[5] = headerLength / 4;
        packet.AsSpan(6, 2).Clear();
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(36), 24 << 12 | 24 << 6 | 17);
        return packet;
    }

    private static byte[] Mapped() => IPAddress.Parse("::ffff:10.0.0.1").GetAddressBytes();

    private static ScmpMessage Problem(byte code, ushort pointer) =>
        new(ScmpType.ParameterProblem, code) { ParameterPointer = pointer };

    private static ScmpMessage Refusal(RouterCase c, Action<byte[]>? change = null, ushort? ingress = null)
    {
        using var processor = c.Processor();
        var packet = c.Packet();
        change?.Invoke(packet);
        var verdict = processor.Process(packet, ingress ?? c.Ingress, Sender, RouterCase.Now);
        verdict.Action.Should().Be(RouterAction.Reply, verdict.ToString());
        return ScmpOf(processor);
    }

    private static ScmpMessage ScmpOf(RouterPacketProcessor processor)
    {
        ScionPacketReader.TryRead(processor.Reply, out var reader, out var error).Should().BeTrue(error.Message);
        reader.Protocol.Should().Be(L4Protocol.Scmp);
        ScmpMessage.TryRead(reader.UpperLayer, out var message, out _, out _).Should().BeTrue();
        return message;
    }
}
