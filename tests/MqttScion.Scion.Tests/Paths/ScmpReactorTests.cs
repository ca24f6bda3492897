namespace MqttScion.Scion.Tests;

public sealed class ScmpReactorTests : IDisposable
{
    private static readonly DateTimeOffset Expiry = VirtualClock.Start.AddMinutes(5).AddMilliseconds(500);

    private readonly VirtualClock _clock = new();
    private readonly PathStore _store;
    private readonly PathStore _other;
    private readonly List<PathEvent> _events = [];
    private readonly List<ScionPath> _asked = [];
    private readonly ScionPath _a = TestPaths.OnWire(Expiry, exit: 2, "1-2", "2-5");
    private readonly ScionPath _b = TestPaths.OnWire(Expiry, exit: 3, "1-2", "2-6");
    private readonly ScionPath _c = TestPaths.OnWire(Expiry, exit: 4, "1-3");
    private readonly ScmpReactor _reactor;
    private bool _isOurs = true;

    public ScmpReactorTests()
    {
        (_store, _other) = (new PathStore(_clock), new PathStore(_clock));
        _store.Update([_a, _b, _c]);
        _store.Events.Subscribe(_events.Add);
        _events.Clear();
        _reactor = new ScmpReactor([_other, _store], (in ScmpQuote _) => _isOurs, _asked.Add);
    }

    public void Dispose()
    {
        _store.Dispose();
        _other.Dispose();
    }

    [Fact]
    public void Interface_down_marks_every_path_over_it_in_all_stores()
    {
        _other.Update([TestPaths.Through(["1-2", "1-9"])]);

        Receive("1-2", ScmpPackets.InterfaceDown("1-2", 2), _a).Should().Be(ScmpReaction.MarkedDown);

        _store.UpPaths.Should().Equal(_c);
        _other.MarkDown(_other.Paths[0], "again").Should().BeFalse("it is down already");
        var down = _events.OfType<PathEvent.Down>().ToList();
        down.Select(e => e.Path).Should().Equal(_a, _b);
        down[0].Interface.Should().Be(new PathInterface(IsdAs.Parse("1-2"), 2));
        down[0].Scmp!.Value.Type.Should().Be(ScmpType.ExternalInterfaceDown);
        down[0].Why.Should().Be("SCMP ExternalInterfaceDown from 1-2,127.0.0.1: 1-2#2");
    }

    [Fact]
    public void Interface_down_marks_paths_that_enter_by_it_too()
    {
        Receive("1-2", ScmpPackets.InterfaceDown("1-2", 1), _a).Should().Be(ScmpReaction.MarkedDown);
        _store.UpPaths.Should().Equal(_c);
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 1)]
    public void Connectivity_down_marks_paths_between_the_interfaces_in_either_direction(ulong ingress, ulong egress)
    {
        var scmp = ScmpPackets.ConnectivityDown("2-5", ingress, egress);
        Receive("2-5", scmp, _a).Should().Be(ScmpReaction.MarkedDown);
        _store.UpPaths.Should().Equal(_b, _c);
        _events.OfType<PathEvent.Down>().Single().Why.Should().EndWith($"2-5#{ingress}>{egress}");
    }

    [Fact]
    public void Connectivity_down_from_a_host_to_an_interface_marks_the_interface()
    {
        var scmp = ScmpPackets.ConnectivityDown("1-1", ingress: 0, egress: 4);
        Receive("1-1", scmp, _c).Should().Be(ScmpReaction.MarkedDown);
        _store.UpPaths.Should().Equal(_a, _b);
    }

    [Theory]
    [InlineData("1-3", "1-2", 2UL)] // another AS speaks
    [InlineData("1-3", "1-3", 2UL)] // an AS that the packet did not meet
    [InlineData("1-2", "1-2", 9UL)] // an interface that the packet did not meet
    [InlineData("1-2", "1-2", 0x1_0002UL)] // the same in sixteen bits
    [InlineData("1-2", "1-2", 0UL)]
    public void Interface_down_that_contradicts_its_quote_is_implausible(string from, string isdAs, ulong id)
    {
        Receive(from, ScmpPackets.InterfaceDown(isdAs, id), _a).Should().Be(ScmpReaction.Implausible);
        _events.Should().BeEmpty();
        _reactor.Count(ScmpType.ExternalInterfaceDown, ScmpReaction.Implausible).Should().Be(1);
    }

    [Fact]
    public void Interface_down_about_a_path_that_the_store_does_not_hold_counts_if_the_packet_met_the_interface()
    {
        var gone = TestPaths.OnWire(Expiry, exit: 8, "1-2");
        Receive("1-2", ScmpPackets.InterfaceDown("1-2", 7), gone).Should().Be(ScmpReaction.Implausible);
        Receive("1-2", ScmpPackets.InterfaceDown("1-2", 2), gone).Should().Be(ScmpReaction.MarkedDown);
        _store.UpPaths.Should().Equal(_c);
    }

    [Fact]
    public void Unrecognized_quote_marks_nothing_and_asks_for_probes_within_the_limit()
    {
        _isOurs = false;
        Receive("1-2", ScmpPackets.InterfaceDown("1-2", 2), _a).Should().Be(ScmpReaction.Unrecognized);
        _asked.Should().Equal(_a, _a, _b);
        _events.Should().BeEmpty();

        for (var i = 0; i < 100; i++)
        {
            Receive("1-2", ScmpPackets.InterfaceDown("1-2", 2), _a);
        }
        _asked.Should().HaveCount(16);
        _reactor.Count(ScmpType.ExternalInterfaceDown, ScmpReaction.Unrecognized).Should().Be(101);

        _clock.Advance(TimeSpan.FromSeconds(1));
        Receive("1-3", ScmpPackets.InterfaceDown("1-2", 2), _c).Should().Be(ScmpReaction.Unrecognized);
        _asked.Skip(16).Should().Equal([_c], "1-3 cannot speak of an interface of 1-2");
    }

    [Theory]
    [InlineData(ScmpCode.InvalidHopMac)]
    [InlineData(ScmpCode.PathExpired)]
    [InlineData(ScmpCode.InvalidPath)]
    [InlineData(ScmpCode.InvalidSegmentChange)]
    public void Rejected_hop_field_marks_the_path_until_it_is_renewed(byte code)
    {
        Receive("1-2", new ScmpMessage(ScmpType.ParameterProblem, code), _a).Should().Be(ScmpReaction.MarkedDown);
        _store.UpPaths.Should().Equal(_b, _c);

        _store.Update([_a, _b, _c]);
        _store.UpPaths.Should().Equal([_b, _c], "the source has nothing newer");
        _store.Update([TestPaths.OnWire(Expiry.AddMinutes(1), exit: 2, "1-2", "2-5"), _b, _c]);
        _store.UpPaths.Should().Equal(_a, _b, _c);
    }

    [Fact]
    public void Path_expired_about_a_path_renewed_since_is_outdated()
    {
        var packet = ScmpPackets.Sent(_a);
        _store.Update([TestPaths.OnWire(Expiry.AddMinutes(1), exit: 2, "1-2", "2-5")]);
        var expired = new ScmpMessage(ScmpType.ParameterProblem, ScmpCode.PathExpired);

        Receive("1-2", expired, packet).Should().Be(ScmpReaction.Outdated);
        _store.Paths.Should().ContainSingle();
        _store.Candidates.Should().Equal(_store.UpPaths);
    }

    [Theory]
    [InlineData(ScmpCode.ErroneousHeaderField)]
    [InlineData(ScmpCode.InvalidPacketSize)]
    [InlineData(ScmpCode.InvalidDestinationAddress)]
    [InlineData(64)]
    public void Other_parameter_problem_is_only_counted(byte code)
    {
        Receive("1-2", new ScmpMessage(ScmpType.ParameterProblem, code), _a).Should().Be(ScmpReaction.NoPathFault);
        _events.Should().BeEmpty();
        _reactor.Count(ScmpType.ParameterProblem, ScmpReaction.NoPathFault).Should().Be(1);
    }

    [Theory]
    [InlineData("1-2", ScmpCode.NoRoute, ScmpReaction.MarkedDown)]
    [InlineData("2-5", 1, ScmpReaction.MarkedDown)]
    [InlineData("2-5", 6, ScmpReaction.MarkedDown)]
    [InlineData("2-1", ScmpCode.NoRoute, ScmpReaction.NoPathFault)]
    [InlineData("1-2", 3, ScmpReaction.NoPathFault)]
    [InlineData("2-1", ScmpCode.PortUnreachable, ScmpReaction.NoPathFault)]
    [InlineData("1-3", ScmpCode.NoRoute, ScmpReaction.Implausible)]
    public void Destination_unreachable_marks_a_path_only_when_transit_refuses(
        string from, byte code, ScmpReaction reaction)
    {
        Receive(from, new ScmpMessage(ScmpType.DestinationUnreachable, code), _a).Should().Be(reaction);
        _store.UpPaths.Contains(_a).Should().Be(reaction != ScmpReaction.MarkedDown);
    }

    [Fact]
    public void Packet_too_big_lowers_the_usable_mtu_for_ten_minutes_and_not_below_its_minimum()
    {
        var packet = ScmpPackets.Sent(_a, payloadLength: 1280);
        var tooBig = new ScmpMessage(ScmpType.PacketTooBig, 0);

        Receive("1-2", tooBig with { Mtu = 1300 }, packet).Should().Be(ScmpReaction.Narrowed);
        Receive("1-2", tooBig with { Mtu = 1300 }, packet).Should().Be(ScmpReaction.NoPathFault);
        _store.UsableMtu(_a).Should().Be(1300);
        Receive("1-2", tooBig with { Mtu = 68 }, packet).Should().Be(ScmpReaction.Narrowed);
        Receive("1-2", tooBig with { Mtu = (ushort)packet.Length }, packet).Should().Be(ScmpReaction.Implausible);

        _events.Should().Equal(new PathEvent.Narrowed(_a, 1300), new PathEvent.Narrowed(_a, 1232));
        _clock.Advance(TimeSpan.FromMinutes(10));
        _store.UsableMtu(_a).Should().Be(_a.Mtu);
    }

    [Fact]
    public void Informational_message_and_unreadable_quote_are_ignored()
    {
        var datagram = ScmpPackets.Error("1-2", new ScmpMessage(ScmpType.EchoReply, 0), []);
        _reactor.Receive(datagram, TimeSpan.Zero).Should().Be(ScmpReaction.Ignored);
        var down = ScmpPackets.Error("1-2", ScmpPackets.InterfaceDown("1-2", 2), [1, 2, 3]);
        _reactor.Receive(down, TimeSpan.Zero).Should().Be(ScmpReaction.Ignored);
        var unknown = new ScmpMessage((ScmpType)100, 0);
        Receive("1-2", unknown, _a).Should().Be(ScmpReaction.NoPathFault);
        _events.Should().BeEmpty();
    }

    [Fact]
    public void Quotes_cut_or_damaged_anywhere_throw_nothing()
    {
        var quote = ScmpPackets.Sent(_a);
        for (var length = 0; length < quote.Length; length++)
        {
            Receive("1-2", ScmpPackets.InterfaceDown("1-2", 2), quote[..length]);
        }
        for (var bit = 0; bit < quote.Length * 8; bit++)
        {
            var damaged = quote.ToArray();
            damaged[bit / 8] ^= (byte)(1 << bit % 8);
            foreach (var type in new[] { ScmpType.PacketTooBig, ScmpType.ParameterProblem })
            {
                Receive("1-2", new ScmpMessage(type, ScmpCode.PathExpired), damaged);
            }
        }
        _store.Paths.Should().HaveCount(3);
    }

    private ScmpReaction Receive(string from, ScmpMessage scmp, ScionPath path) =>
        Receive(from, scmp, ScmpPackets.SeenAt(ScmpPackets.Sent(path), hop: 1));

    private ScmpReaction Receive(string from, ScmpMessage scmp, byte[] quote) =>
        _reactor.Receive(ScmpPackets.Error(from, scmp, quote), _clock.Elapsed);
}
