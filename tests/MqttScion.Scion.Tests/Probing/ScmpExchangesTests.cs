namespace MqttScion.Scion.Tests;

public sealed class ScmpExchangesTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly VirtualClock _clock = new();
    private readonly ScriptedNetwork _network;
    private readonly ScionPath _path;
    private readonly ScmpExchanges<string> _exchanges = new(ScmpPackets.Client, new Random(1));
    private readonly byte[] _packet = new byte[2000];

    public ScmpExchangesTests()
    {
        _network = new ScriptedNetwork(_clock);
        _path = _network.Route(TestPaths.OnWire(VirtualClock.Start.AddHours(-1).AddDays(1), 2, "1-2"));
        _path = _network.Route(TestPaths.OnWire(VirtualClock.Start.AddMinutes(5), 2, "1-2"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(8)]
    [InlineData(1000)]
    public void Echo_is_answered_with_its_round_trip_and_size(int payloadLength)
    {
        var answer = Ask("a", Echo(payloadLength));
        Receive(answer, 0.04 * Second).Should().Be(
            ("a", new ProbeOutcome.Replied(0.04 * Second, ScmpPackets.Server with { Port = 0 }, payloadLength)));
        _exchanges.Counts.Should().Be(default(ProbeCounts));
    }

    [Fact]
    public void Traceroute_is_answered_by_the_router_of_each_interface()
    {
        for (var i = 0; i < _path.Interfaces.Count; i++)
        {
            var answer = Ask($"{i}", ScmpRequest.Traceroute(_path, i));
            var (owner, outcome) = Receive(answer, 0.01 * Second);
            owner.Should().Be($"{i}");
            outcome.Should().BeOfType<ProbeOutcome.Replied>()
                .Which.From.IsdAs.Should().Be(_path.Interfaces[i].IsdAs);
        }
    }

    [Fact]
    public void Requests_at_once_are_told_apart_by_sequence()
    {
        var answers = Enumerable.Range(0, 100).Select(i => Ask($"{i}", Echo())).Reverse().ToList();
        answers.Select(answer => Receive(answer, Second).Owner)
            .Should().Equal(Enumerable.Range(0, 100).Reverse().Select(i => $"{i}"));
    }

    [Fact]
    public void Error_that_quotes_the_request_concludes_it()
    {
        _network.Cut.Add(new PathInterface(IsdAs.Parse("1-2"), 2));
        var answer = Ask("a", Echo());
        var (owner, outcome) = Receive(answer, 0.02 * Second);
        owner.Should().Be("a");
        var refused = outcome.Should().BeOfType<ProbeOutcome.Refused>().Subject;
        refused.Scmp.Type.Should().Be(ScmpType.ExternalInterfaceDown);
        refused.From.IsdAs.Should().Be(IsdAs.Parse("1-2"));
        ScmpQuote.TryRead(ScriptedNetwork.Read(answer).Payload, out var quote).Should().BeTrue();
        _exchanges.Recognizes(quote).Should().BeTrue("also after it was answered");
    }

    [Fact]
    public void Timeout_concludes_in_order_and_a_late_answer_is_counted()
    {
        var late = Ask("a", Echo(), timeout: 2 * Second);
        Ask("b", Echo(), timeout: Second);
        _exchanges.NextTimeout.Should().Be(Second);
        _exchanges.TryTimeOut(0.9 * Second, out _, out _).Should().BeFalse();
        TimeOut(2 * Second).Should().Be(("b", new ProbeOutcome.TimedOut(Second)));
        TimeOut(2 * Second).Should().Be(("a", new ProbeOutcome.TimedOut(2 * Second)));
        _exchanges.TryTimeOut(2 * Second, out _, out _).Should().BeFalse();

        Refused(late, 3 * Second);
        _exchanges.Counts.Should().Be(new ProbeCounts(Late: 1, Duplicate: 0, Forged: 0, Unknown: 0));
        _exchanges.TryTimeOut(12 * Second, out _, out _).Should().BeFalse();
        Refused(late, 12 * Second);
        _exchanges.Counts.Should().Be(new ProbeCounts(Late: 1, Duplicate: 0, Forged: 0, Unknown: 1));
        _exchanges.NextTimeout.Should().BeNull("nothing is remembered for ever");
    }

    [Fact]
    public void Answer_that_comes_twice_counts_once()
    {
        var answer = Ask("a", Echo());
        Receive(answer, 0.1 * Second);
        Refused(answer, 0.2 * Second);
        _exchanges.Counts.Duplicate.Should().Be(1);
        _exchanges.TryTimeOut(Second, out _, out _).Should().BeFalse("it was answered");
    }

    [Fact]
    public void Forged_answer_is_counted_and_the_true_one_still_counts()
    {
        var answer = Ask("a", Echo());
        Forge(answer, payload => payload[0] ^= 1);
        var honest = ScriptedNetwork.Read(answer);
        Forge(new ScionDatagram
        {
            IsScmp = true,
            Source = honest.Source with { IsdAs = IsdAs.Parse("1-2") },
            Scmp = honest.Scmp,
            Payload = honest.Payload,
        });
        Forge(new ScionDatagram
        {
            IsScmp = true,
            Source = honest.Source,
            Scmp = honest.Scmp,
            Payload = honest.Payload[..4],
        });
        _exchanges.Counts.Should().Be(new ProbeCounts(Late: 0, Duplicate: 0, Forged: 3, Unknown: 0));
        Receive(answer, 0.1 * Second).Owner.Should().Be("a");
    }

    [Fact]
    public void Traceroute_answer_for_another_interface_is_forged()
    {
        var honest = ScriptedNetwork.Read(Ask("a", ScmpRequest.LastRouter(_path)));
        Forge(new ScionDatagram
        {
            IsScmp = true,
            Source = honest.Source,
            Scmp = honest.Scmp with { Interface = 9 },
            Payload = [],
        });
        Forge(new ScionDatagram
        {
            IsScmp = true,
            Source = honest.Source,
            Scmp = honest.Scmp with { IsdAs = IsdAs.Parse("9-9") },
            Payload = [],
        });
        Forge(new ScionDatagram
        {
            IsScmp = true,
            Source = honest.Source,
            Payload = [],
            Scmp = new ScmpMessage(ScmpType.EchoReply, 0) { Sequence = honest.Scmp.Sequence },
        });
        _exchanges.Counts.Forged.Should().Be(3);
    }

    [Fact]
    public void Error_with_a_guessed_quote_or_from_off_the_path_does_not_conclude()
    {
        _network.Cut.Add(new PathInterface(IsdAs.Parse("1-2"), 2));
        var answer = Ask("a", Echo());
        Forge(answer, payload => payload[^1] ^= 1);
        var honest = ScriptedNetwork.Read(answer);
        Forge(new ScionDatagram
        {
            IsScmp = true,
            Source = honest.Source with { IsdAs = IsdAs.Parse("9-9") },
            Scmp = honest.Scmp,
            Payload = honest.Payload,
        });
        _exchanges.Counts.Should().Be(new ProbeCounts(Late: 0, Duplicate: 0, Forged: 1, Unknown: 1));
        Receive(answer, 0.1 * Second).Owner.Should().Be("a");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Error_whose_quote_is_made_from_what_a_path_server_tells_does_not_conclude(bool isEcho)
    {
        TryStart(isEcho ? Echo() : ScmpRequest.LastRouter(_path)).Should().BeTrue();
        var length = PacketLength();

        // All that is secret about a request: its data, which a quote may be too short for, and the flow id.
        var quote = _packet[..(isEcho ? length - 8 : length)];
        (quote[1], quote[2], quote[3]) = (0, 0, 1);
        ScmpQuote.TryRead(quote, out var read).Should().BeTrue();
        _exchanges.Recognizes(read).Should().BeFalse();
    }

    [Fact]
    public void Request_that_does_not_fit_or_has_no_such_interface_is_refused()
    {
        TryStart(Echo(1990)).Should().BeFalse();
        TryStart(ScmpRequest.Traceroute(_path, 4)).Should().BeFalse();
        TryStart(ScmpRequest.Traceroute(TestPaths.Via("1-2"), 0)).Should().BeFalse("its bytes are missing");
        _exchanges.NextTimeout.Should().BeNull();
    }

    [Fact]
    public void Waiting_requests_are_bounded_and_a_forgotten_one_makes_room()
    {
        for (var i = 0; i < ScmpExchanges<string>.MaxWaiting - 1; i++)
        {
            TryStart(Echo()).Should().BeTrue();
        }
        _exchanges.TryStart(_packet, Echo(), "a", TimeSpan.Zero, Second, out _, out var last).Should().BeTrue();
        TryStart(Echo()).Should().BeFalse();
        _exchanges.Forget(last);
        TryStart(Echo()).Should().BeTrue();
    }

    [Fact]
    public void Answers_damaged_at_any_bit_throw_nothing()
    {
        var answer = Ask("a", Echo(payloadLength: 64));
        for (var bit = 0; bit < answer.Length * 8; bit++)
        {
            var damaged = answer.ToArray();
            damaged[bit / 8] ^= (byte)(1 << bit % 8);
            if (ScionPacketReader.TryRead(damaged, out var reader, out _)
                && ScmpMessage.TryRead(reader.UpperLayer, out _, out _, out _))
            {
                _exchanges.TryReceive(ScriptedNetwork.Read(damaged), Second, out _, out _);
            }
        }
    }

    private ScmpRequest Echo(int payloadLength = 8) =>
        ScmpRequest.Echo(_path, ScmpPackets.Server.Host, payloadLength);

    private int PacketLength()
    {
        ScionPacketReader.TryReadHeader(_packet, out var reader, out _).Should().BeTrue();
        return reader.HeaderLength + reader.PayloadLength;
    }

    private bool TryStart(ScmpRequest request) =>
        _exchanges.TryStart(_packet, request, "x", TimeSpan.Zero, Second, out _, out _);

    private byte[] Ask(string owner, ScmpRequest request, TimeSpan? timeout = null)
    {
        _exchanges.TryStart(_packet, request, owner, TimeSpan.Zero, timeout ?? Second, out var length, out _)
            .Should().BeTrue();
        return _network.Answer(_packet.AsSpan(0, length))!;
    }

    private (string Owner, ProbeOutcome Outcome) Receive(byte[] answer, TimeSpan now)
    {
        _exchanges.TryReceive(ScriptedNetwork.Read(answer), now, out var owner, out var outcome).Should().BeTrue();
        return (owner!, outcome!);
    }

    private (string Owner, ProbeOutcome Outcome) TimeOut(TimeSpan now)
    {
        _exchanges.TryTimeOut(now, out var owner, out var outcome).Should().BeTrue();
        return (owner!, outcome!);
    }

    private void Refused(byte[] answer, TimeSpan now) =>
        _exchanges.TryReceive(ScriptedNetwork.Read(answer), now, out _, out _).Should().BeFalse();

    private void Forge(byte[] answer, Action<byte[]> change)
    {
        var honest = ScriptedNetwork.Read(answer.ToArray());
        var payload = honest.Payload.ToArray();
        change(payload);
        Forge(new ScionDatagram { IsScmp = true, Source = honest.Source, Scmp = honest.Scmp, Payload = payload });
    }

    private void Forge(in ScionDatagram datagram) =>
        _exchanges.TryReceive(datagram, 0.05 * Second, out _, out _).Should().BeFalse();
}
