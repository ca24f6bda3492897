namespace MqttScion.Quic.Tests;

public class PathTests
{
    [Fact]
    public void Connection_whose_answers_arrive_on_another_path_works()
    {
        using var pair = new QuicPair();
        pair.Links[1] = new Link();
        pair.Client.OpenPath(1, QuicPair.DatagramBytes, QuicPair.Headroom);
        pair.Arrival = (fromServer, path) => fromServer ? 1 : path;
        pair.Connect();
        pair.EchoOnServer();
        var data = Transfer.RandomBytes(500_000, seed: 1);

        pair.Echo(data).Should().Equal(data);
        pair.Client.CurrentPathId.Should().Be(0);
    }

    [Fact]
    public void SelectPath_makes_the_server_answer_there_and_validate_it()
    {
        using var pair = new QuicPair().Connect();
        pair.AddPath(1);
        pair.Run(TimeSpan.FromSeconds(1));

        pair.Client.SelectPath(1, pair.Now);
        pair.Run(TimeSpan.FromSeconds(1));

        pair.Server!.CurrentPathId.Should().Be(1);
        pair.ServerEvents.Should().Contain(item => item.Kind == QuicEventKind.PathChanged && item.PathId == 1);
        pair.ServerEvents.Should().Contain(item => item.Kind == QuicEventKind.PathValidated && item.PathId == 1);
    }

    [Fact]
    public void SelectPath_in_the_middle_of_a_transfer_loses_nothing_when_the_old_path_is_dead()
    {
        using var pair = new QuicPair(3).Connect();
        pair.AddPath(1).Delay = TimeSpan.FromMilliseconds(30);
        pair.EchoOnServer();
        var data = Transfer.RandomBytes(2_000_000, seed: 1);
        var switchAt = pair.Now + TimeSpan.FromMilliseconds(150);
        pair.Tap = (_, _, _) =>
        {
            if (pair.Now >= switchAt && !pair.Links[0].IsDown)
            {
                pair.Links[0].IsDown = true;
                pair.Client.SelectPath(1, pair.Now);
            }

            return true;
        };

        pair.Echo(data).AsSpan().SequenceEqual(data).Should().BeTrue();
        pair.Links[0].IsDown.Should().BeTrue();
        pair.Server!.CurrentPathId.Should().Be(1);
    }

    [Fact]
    public void ClosePath_sends_again_at_once_what_was_in_flight_there()
    {
        using var pair = new QuicPair().Connect();
        pair.AddPath(1);
        pair.EchoOnServer();
        pair.Echo(Transfer.RandomBytes(1000, seed: 1)).Length.Should().Be(1000);
        pair.Links[0].IsDown = true;
        pair.Client.TryOpenStream(true, out var stream).Should().BeTrue();
        stream!.Write(Transfer.RandomBytes(5000, seed: 2)).Should().Be(5000);
        pair.Flush();
        var before = pair.Now;

        pair.Client.SelectPath(1, pair.Now);
        pair.Client.ClosePath(0);

        pair.RunUntil(() => stream.ReadableBytes == 5000).Should().BeTrue();
        (pair.Now - before).Should().BeLessThan(TimeSpan.FromMilliseconds(60));
    }

    [Fact]
    public void Path_that_was_used_before_starts_from_what_it_knew()
    {
        using var pair = new QuicPair().Connect();
        pair.AddPath(1).Delay = TimeSpan.FromMilliseconds(50);
        pair.EchoOnServer();
        pair.Echo(Transfer.RandomBytes(400_000, seed: 1)).Length.Should().Be(400_000);
        var before = pair.Client.Statistics;

        pair.Client.SelectPath(1, pair.Now);
        pair.Client.Statistics.CongestionWindow.Should().BeLessThan(before.CongestionWindow);
        pair.Echo(Transfer.RandomBytes(100_000, seed: 1)).Length.Should().Be(100_000);
        pair.Client.Statistics.SmoothedRtt.Should().BeCloseTo(
            TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(20));
        pair.Client.SelectPath(0, pair.Now);

        pair.Client.Statistics.CongestionWindow.Should().Be(before.CongestionWindow);
        pair.Client.Statistics.SmoothedRtt.Should().BeCloseTo(before.SmoothedRtt, TimeSpan.FromMilliseconds(5));
    }

    [Fact]
    public void ProbePath_is_answered_on_the_path_it_came_on_and_does_not_move_the_server()
    {
        using var pair = new QuicPair().Connect();
        pair.AddPath(1);
        var answeredOn = new List<int>();
        pair.Run(TimeSpan.FromSeconds(1));
        pair.Tap = (fromServer, path, _) =>
        {
            if (fromServer)
                answeredOn.Add(path);
            return true;
        };

        pair.Client.ProbePath(1, pair.Now);
        pair.Run(TimeSpan.FromSeconds(1));

        answeredOn.Should().Contain(1);
        pair.ClientEvents.Should().Contain(item => item.Kind == QuicEventKind.PathValidated && item.PathId == 1);
        pair.Server!.CurrentPathId.Should().Be(0);
        pair.Client.PathRtt(1).Should().BeCloseTo(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(10));
    }

    [Fact]
    public void New_path_that_does_not_answer_is_given_up_for_the_old_one()
    {
        using var pair = new QuicPair().Connect();
        pair.AddPath(1);
        pair.Run(TimeSpan.FromSeconds(1));
        // A datagram of the client turns up on another path, where nothing of the server's arrives.
        pair.Arrival = (fromServer, path) => fromServer ? path : 1;
        pair.Tap = (fromServer, path, _) => !fromServer || path == 0;
        pair.Client.TryOpenStream(true, out var stream).Should().BeTrue();
        stream!.Write([1, 2, 3]);
        pair.Flush();
        pair.Run(TimeSpan.FromMilliseconds(15));
        pair.Server!.CurrentPathId.Should().Be(1);
        pair.Arrival = static (_, path) => path;
        pair.Links[0].IsDown = true;

        pair.Run(TimeSpan.FromSeconds(5));

        pair.Server!.CurrentPathId.Should().Be(0);
    }

    [Fact]
    public void Server_follows_again_onto_a_path_that_carried_nothing_at_first()
    {
        using var pair = new QuicPair().Connect();
        pair.AddPath(1);
        pair.EchoOnServer();
        pair.Run(TimeSpan.FromSeconds(1));
        var healsAt = pair.Now + TimeSpan.FromSeconds(6);
        pair.Links[0].IsDown = true;
        pair.Tap = (fromServer, path, _) => !fromServer || path != 1 || pair.Now >= healsAt;
        pair.Client.SelectPath(1, pair.Now);
        var data = Transfer.RandomBytes(20_000, seed: 1);

        pair.Echo(data, TimeSpan.FromSeconds(25)).Should().Equal(data);
    }

    [Fact]
    public void Path_whose_challenges_were_all_lost_is_validated_once_it_carries_packets()
    {
        using var pair = new QuicPair().Connect();
        pair.AddPath(1);
        pair.EchoOnServer();
        pair.Run(TimeSpan.FromSeconds(1));
        var healsAt = pair.Now + TimeSpan.FromSeconds(6);
        pair.Tap = (fromServer, path, _) => !fromServer || path != 1 || pair.Now >= healsAt;
        pair.Client.SelectPath(1, pair.Now);
        pair.RunUntil(() => pair.Server!.CurrentPathId == 1).Should().BeTrue();
        pair.Server!.ClosePath(0);
        var data = Transfer.RandomBytes(20_000, seed: 1);

        pair.Echo(data, TimeSpan.FromSeconds(25)).Should().Equal(data);

        pair.ServerEvents.Should().Contain(item => item.Kind == QuicEventKind.PathValidated && item.PathId == 1);
    }

    [Fact]
    public void Path_that_the_server_selected_and_that_does_not_answer_is_left_again()
    {
        using var pair = new QuicPair().Connect();
        pair.AddPath(1);
        pair.Run(TimeSpan.FromSeconds(1));
        pair.Client.ProbePath(1, pair.Now);
        pair.Run(TimeSpan.FromSeconds(1));
        pair.Links[1].IsDown = true;

        pair.Server!.SelectPath(1, pair.Now);
        pair.Server.CurrentPathId.Should().Be(1);
        pair.Run(TimeSpan.FromSeconds(5));

        pair.Server.CurrentPathId.Should().Be(0);
    }

    [Fact]
    public void Recognizes_takes_a_packet_of_ours_and_no_other()
    {
        using var pair = new QuicPair().Connect();
        byte[]? sent = null;
        pair.Tap = (fromServer, _, bytes) =>
        {
            sent = fromServer ? sent : bytes;
            return true;
        };
        pair.Client.TryOpenStream(true, out var stream).Should().BeTrue();
        stream!.Write([1]);
        pair.Flush();

        pair.Client.Recognizes(sent).Should().BeTrue();
        pair.Client.Recognizes(sent.AsSpan(0, 9)).Should().BeTrue();
        pair.Client.Recognizes(sent.AsSpan(0, 8)).Should().BeFalse();
        pair.Client.Recognizes(new byte[40]).Should().BeFalse();
    }
}
