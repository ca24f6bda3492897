namespace MqttScion.Quic.Tests;

public class RecoveryTests
{
    private const int Datagram = 1200;

    [Fact]
    public void RttEstimator_follows_RFC_9002_section_5_3()
    {
        var rtt = new RttEstimator();
        rtt.ProbeTimeout.Should().Be(TimeSpan.FromMilliseconds(999));

        rtt.AddSample(Ms(100), Ms(25), Ms(1000));
        (rtt.Smoothed, rtt.Variation, rtt.Min).Should().Be((Ms(100), Ms(50), Ms(100)));

        // The delay may not bring the sample below the minimum.
        rtt.AddSample(Ms(110), Ms(25), Ms(1100));
        (rtt.Smoothed, rtt.Variation, rtt.Min).Should().Be((Ms(101.25), Ms(40), Ms(100)));

        rtt.AddSample(Ms(150), Ms(25), Ms(1200));
        rtt.Smoothed.Should().BeCloseTo(Ms((101.25 * 7 + 125) / 8), TimeSpan.FromMicroseconds(1));
        rtt.LossDelay.Should().Be(Ms(150 * 9.0 / 8));
    }

    [Fact]
    public void NewReno_doubles_in_slow_start_halves_once_per_round_trip_and_then_grows_by_one()
    {
        var reno = new NewReno(Datagram);
        reno.WindowBytes.Should().Be(10 * Datagram);
        for (var index = 0; index < 10; index++)
            Acknowledge(reno, Ms(1), 10 * Datagram);
        reno.WindowBytes.Should().Be(20 * Datagram);

        reno.OnCongestion(sentAt: Ms(5), now: Ms(10));
        reno.OnCongestion(sentAt: Ms(6), now: Ms(11));
        reno.WindowBytes.Should().Be(10 * Datagram);
        Acknowledge(reno, Ms(9), 10 * Datagram);
        for (var index = 0; index < 10; index++)
            Acknowledge(reno, Ms(20), 10 * Datagram);
        // RFC 9002 Appendix B.5: each acknowledgement adds its part of the window as it is by then.
        reno.WindowBytes.Should().BeCloseTo(11 * Datagram, Datagram / 20);

        var window = reno.WindowBytes;
        Acknowledge(reno, Ms(21), Datagram);
        reno.WindowBytes.Should().Be(window);
        reno.OnPersistentCongestion();
        reno.WindowBytes.Should().Be(2 * Datagram);
    }

    [Fact]
    public void Packet_threshold_counts_only_packets_of_the_same_path()
    {
        var (detector, space, outcomes) = Detector();
        var (first, second) = (Path(0), Path(1));
        for (var number = 0; number < 6; number++)
            Send(space, number == 0 || number == 5 ? first : second, number, Ms(number * 0.1));

        Acknowledge(detector, space, first, Ms(100), 5, 5);

        outcomes.Lost.Should().BeEmpty();
        detector.LostCount.Should().Be(0);
        Acknowledge(detector, space, first, Ms(101), 4, 4);
        outcomes.Lost.Should().Equal(1);
    }

    [Fact]
    public void Loss_on_one_path_leaves_the_window_of_the_other_alone()
    {
        var (detector, space, outcomes) = Detector();
        var (first, second) = (Path(0), Path(1));
        for (var number = 0; number < 8; number++)
            Send(space, number < 4 ? first : second, number, Ms(number * 0.1));

        Acknowledge(detector, space, second, Ms(100), 3, 3);

        outcomes.Lost.Should().Equal(0);
        first.Congestion.WindowBytes.Should().Be(5 * Datagram);
        second.Congestion.WindowBytes.Should().Be(10 * Datagram);
        second.BytesInFlight.Should().Be(4 * Datagram);
        second.Rtt.HasSample.Should().BeFalse();
    }

    [Fact]
    public void Losses_that_span_three_probe_timeouts_collapse_the_window()
    {
        var (detector, space, _) = Detector();
        var path = Path(0);
        Send(space, path, 0, Ms(0));
        Acknowledge(detector, space, path, Ms(10), 0, 0);
        for (var number = 1; number < 22; number++)
            Send(space, path, number, Ms(20 + 50 * number));

        Acknowledge(detector, space, path, Ms(1130), 21, 21);

        path.Congestion.WindowBytes.Should().Be(2 * Datagram);
    }

    [Fact]
    public void Packet_of_a_path_that_is_not_current_is_lost_after_its_probe_timeout()
    {
        var (detector, space, outcomes) = Detector();
        var (old, current) = (Path(0), Path(1));
        Send(space, old, 0, Ms(0));

        detector.DetectLost(space, current, Ms(100));
        outcomes.Lost.Should().BeEmpty();
        detector.NextTimeout(current, true, false, Ms(100)).Should().Be(Ms(999 + 25));
        detector.OnTimeout(current, true, false, Ms(999 + 25));

        outcomes.Lost.Should().Equal(0);
    }

    private static TimeSpan Ms(double value) => TimeSpan.FromMilliseconds(value);

    private static void Acknowledge(ICongestionController controller, TimeSpan sentAt, long inFlightBytes) =>
        controller.OnAcknowledged(
            new AckedPacket(Datagram, sentAt, 0),
            new AckContext(inFlightBytes, true, 1, null, Ms(100), sentAt + Ms(100)));

    private static NetworkPath Path(int id) =>
        new(id, Datagram, 0, 0, new QuicOptions { CongestionControl = QuicCongestionControl.NewReno });

    private static (LossDetector, PacketSpace, Outcomes) Detector()
    {
        var outcomes = new Outcomes();
        PacketSpace[] spaces = [new(SpaceId.Initial), new(SpaceId.Handshake), new(SpaceId.Application)];
        return (new LossDetector(spaces, outcomes), spaces[2], outcomes);
    }

    private static void Send(PacketSpace space, NetworkPath path, long number, TimeSpan now)
    {
        var packet = space.Sent.Rent(path);
        packet.Number = number;
        packet.SentAt = now;
        packet.SizeBytes = Datagram;
        packet.IsAckEliciting = true;
        packet.LargestAcknowledged = -1;
        packet.Frames.Add(new SentFrame(SentFrameKind.Stream, number));
        LossDetector.OnSent(space, packet);
        space.NextNumber = number + 1;
    }

    private static void Acknowledge(
        LossDetector detector, PacketSpace space, NetworkPath current, TimeSpan now, int largest, int smallest)
    {
        byte[] bytes = [0x02, (byte)largest, 0, 0, (byte)(largest - smallest)];
        var reader = new FrameReader(bytes);
        Frame frame = default;
        reader.TryRead(ref frame, out _).Should().BeTrue();
        detector.TryAcknowledge(space, frame, TimeSpan.Zero, current, true, now).Should().BeTrue();
    }

    private sealed class Outcomes : IFrameOutcomes
    {
        public List<long> Lost { get; } = [];

        public void OnFrameAcknowledged(SpaceId space, in SentFrame frame)
        {
        }

        public void OnFrameLost(SpaceId space, in SentFrame frame) => Lost.Add(frame.Id);
    }
}
