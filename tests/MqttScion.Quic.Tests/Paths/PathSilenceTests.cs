namespace MqttScion.Quic.Tests;

/// <summary>When a connection notices that nothing on its path is acknowledged any more.</summary>
public class PathSilenceTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(5);

    /// <summary>Both directions: who sends notices.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Sender_notices_within_a_probe_timeout_of_the_oldest_packet_while_it_goes_on_sending(bool isServer)
    {
        using var pair = new QuicPair().Connect();
        var side = isServer ? pair.Server! : pair.Client;
        var write = Messages(side);
        RunSending(pair, write, TimeSpan.FromSeconds(1));
        var events = isServer ? pair.ServerEvents : pair.ClientEvents;
        events.Should().NotContain(static item => item.Kind == QuicEventKind.PathSilent);

        pair.Links[0].IsDown = true;
        var cutAt = pair.Now;
        while (!events.Exists(static item => item.Kind == QuicEventKind.PathSilent))
        {
            RunSending(pair, write, Interval);
            (pair.Now - cutAt).Should().BeLessThan(TimeSpan.FromMilliseconds(70));
        }

        side.ProbeCount.Should().Be(0, "the probe timer starts anew with each packet");
        events.Should().ContainSingle(static item => item.Kind == QuicEventKind.PathSilent && item.PathId == 0);
    }

    [Fact]
    public void Silence_is_told_again_each_time_that_it_has_doubled()
    {
        using var pair = new QuicPair().Connect();
        var write = Messages(pair.Client);
        RunSending(pair, write, TimeSpan.FromSeconds(1));
        pair.Links[0].IsDown = true;
        RunSending(pair, write, TimeSpan.FromSeconds(2));

        pair.ClientEvents.Count(static item => item.Kind == QuicEventKind.PathSilent).Should().BeInRange(5, 7);
    }

    [Fact]
    public void Answer_after_a_silence_is_told_once()
    {
        using var pair = new QuicPair().Connect();
        var write = Messages(pair.Client);
        RunSending(pair, write, TimeSpan.FromSeconds(1));
        pair.Links[0].IsDown = true;
        RunSending(pair, write, TimeSpan.FromMilliseconds(200));
        pair.ClientEvents.Should().NotContain(static item => item.Kind == QuicEventKind.PathAnswered);

        pair.Links[0].IsDown = false;
        RunSending(pair, write, TimeSpan.FromSeconds(1));

        pair.ClientEvents.Should().ContainSingle(static item => item.Kind == QuicEventKind.PathAnswered);
    }

    [Fact]
    public void Single_losses_are_hardly_ever_taken_for_silence()
    {
        using var pair = new QuicPair().Connect();
        pair.Links[0].Loss = 0.02;
        var write = Messages(pair.Client);

        RunSending(pair, write, TimeSpan.FromSeconds(10));

        pair.Client.Statistics.LostPackets.Should().BeGreaterThan(20);
        pair.ClientEvents.Count(static item => item.Kind == QuicEventKind.PathSilent).Should().BeLessThan(4);
    }

    [Fact]
    public void Path_that_carries_too_little_for_a_probe_of_its_size_is_not_silent()
    {
        using var pair = new QuicPair(1, static settings => settings.ClientOptions.MaxProbedDatagramBytes = 1500);
        pair.Links[0].MaxBytes = 1400;
        pair.Connect();

        pair.Run(TimeSpan.FromSeconds(5));

        pair.ClientEvents.Should().NotContain(static item => item.Kind == QuicEventKind.PathSilent);
    }

    [Fact]
    public void Path_that_is_given_up_has_its_packets_lost_at_once_and_sent_on_the_new_one()
    {
        using var pair = new QuicPair().Connect();
        pair.AddPath(1);
        var write = Messages(pair.Client);
        RunSending(pair, write, TimeSpan.FromSeconds(1));
        var received = Received(pair);
        pair.Links[0].IsDown = true;
        RunSending(pair, write, TimeSpan.FromMilliseconds(40));
        received = Received(pair) - received;
        var before = Received(pair);

        pair.Client.GiveUpPath(1, pair.Now);
        pair.Client.Paths.All.Single(static path => path.Id == 0).BytesInFlight.Should().Be(0);
        pair.Run(TimeSpan.FromMilliseconds(11));

        Received(pair).Should().BeGreaterThanOrEqualTo(before + 8, "forty milliseconds of messages go out at once");
    }

    /// <summary>One late acknowledgement makes a probe timeout of many seconds.</summary>
    [Fact]
    public void Path_that_is_left_after_a_late_answer_does_not_hold_its_packets_for_seconds()
    {
        using var pair = new QuicPair().Connect();
        pair.AddPath(1);
        pair.Client.SelectPath(1, pair.Now);
        pair.Run(TimeSpan.FromSeconds(1));
        pair.Client.SelectPath(0, pair.Now);
        var write = Messages(pair.Client);
        RunSending(pair, write, TimeSpan.FromSeconds(1));
        pair.Links[0].Delay = TimeSpan.FromSeconds(6);
        RunSending(pair, write, TimeSpan.FromMilliseconds(5));
        pair.Links[0].IsDown = true;
        pair.Run(TimeSpan.FromSeconds(13));
        pair.Links[0].Delay = TimeSpan.FromMilliseconds(10);
        write();
        pair.Flush();
        var before = Received(pair);

        pair.Client.SelectPath(1, pair.Now);
        pair.Run(TimeSpan.FromMilliseconds(150));

        Received(pair).Should().BeGreaterThan(before);
    }

    [Fact]
    public void Client_is_told_that_the_server_has_moved_and_only_then()
    {
        using var pair = new QuicPair().Connect();
        pair.AddPath(1);
        pair.Client.SelectPath(1, pair.Now);
        pair.Run(TimeSpan.FromSeconds(1));
        pair.ClientEvents.Should().NotContain(static item => item.Kind == QuicEventKind.PeerPathChanged);

        pair.Server!.SelectPath(0, pair.Now);
        pair.Run(TimeSpan.FromSeconds(1));

        pair.ClientEvents.Should().ContainSingle(
            static item => item.Kind == QuicEventKind.PeerPathChanged && item.PathId == 0);
        pair.Client.CurrentPathId.Should().Be(1);
    }

    /// <summary>Also while the server has something to acknowledge, which it does where it sends.</summary>
    [Fact]
    public void Probe_of_a_standby_moves_nobody()
    {
        using var pair = new QuicPair().Connect();
        pair.AddPath(1);
        var write = Messages(pair.Client);
        for (var count = 0; count < 20; count++)
        {
            RunSending(pair, write, Interval);
            pair.Client.ProbePath(1, pair.Now);
        }

        pair.Run(TimeSpan.FromSeconds(1));

        pair.ClientEvents.Should().Contain(
            static item => item.Kind == QuicEventKind.PathValidated && item.PathId == 1);
        pair.ClientEvents.Should().NotContain(static item => item.Kind == QuicEventKind.PeerPathChanged);
        pair.ServerEvents.Should().NotContain(static item => item.Kind == QuicEventKind.PathChanged);
    }

    [Fact]
    public void Quote_of_a_padded_Initial_that_was_cut_is_recognized()
    {
        byte[]? initial = null;
        using var pair = new QuicPair();
        pair.Tap = (fromServer, _, bytes) =>
        {
            initial ??= bytes;
            return false;
        };
        pair.Flush();

        initial!.Length.Should().BeGreaterThanOrEqualTo(1200);
        pair.Client.Recognizes(initial.AsSpan(0, 1000)).Should().BeTrue();
        pair.Client.Recognizes(initial.AsSpan(0, 8)).Should().BeFalse();
        initial[7] ^= 1;
        pair.Client.Recognizes(initial.AsSpan(0, 1000)).Should().BeFalse("the connection id is another");
    }

    private static Action Messages(QuicConnection side)
    {
        side.TryOpenStream(bidirectional: true, out var stream).Should().BeTrue();
        return () => stream!.Write(new byte[100]).Should().Be(100);
    }

    private static void RunSending(QuicPair pair, Action write, TimeSpan span)
    {
        for (var left = span; left > TimeSpan.Zero; left -= Interval)
        {
            write();
            pair.Flush();
            pair.Run(Interval);
        }
    }

    private static long Received(QuicPair pair) => pair.Server!.Statistics.ReceivedBytes / 100;
}
