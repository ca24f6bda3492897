namespace MqttScion.Quic.Tests;

/// <summary>Servers whose owner sends them onto paths that lead nowhere; found by simulation.</summary>
public class PathFallbackTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(20);

    [Fact]
    public void Server_that_was_sent_to_two_dead_paths_in_a_row_goes_back_to_the_one_that_worked()
    {
        using var pair = new QuicPair().Connect();
        pair.AddPath(1).IsDown = true;
        pair.AddPath(2).IsDown = true;
        pair.Run(TimeSpan.FromSeconds(1));

        pair.Server!.SelectPath(1, pair.Now);
        pair.Flush();
        pair.Server.SelectPath(2, pair.Now);
        pair.Run(Long);

        pair.Server.CurrentPathId.Should().Be(0);
    }

    [Fact]
    public void Server_without_a_path_to_go_back_to_takes_the_one_that_the_client_sends_on()
    {
        using var pair = new QuicPair().Connect();
        pair.AddPath(1).IsDown = true;
        pair.AddPath(2);
        pair.Client.SelectPath(2, pair.Now);
        pair.Run(TimeSpan.FromSeconds(1));
        pair.Server!.CurrentPathId.Should().Be(2);

        // Path 0 is the one before; it goes away while the server has moved on from it to a dead one.
        pair.Server.SelectPath(0, pair.Now);
        pair.Server.SelectPath(1, pair.Now);
        pair.Server.ClosePath(0);
        pair.Run(Long);

        pair.Server.CurrentPathId.Should().Be(2);
        pair.EchoOnServer();
        pair.Echo([1, 2, 3]).Should().Equal(1, 2, 3);
    }

    [Fact]
    public void Server_that_is_back_on_a_path_with_a_full_window_finds_out_that_all_of_it_is_lost()
    {
        using var pair = new QuicPair(1, static settings =>
        {
            settings.ClientOptions.KeepAliveInterval = TimeSpan.Zero;
            settings.ServerOptions.KeepAliveInterval = TimeSpan.Zero;
        }).Connect();
        pair.AddPath(1).IsDown = true;
        pair.Run(TimeSpan.FromSeconds(1));
        pair.Server!.TryOpenStream(true, out var stream).Should().BeTrue();
        stream!.Write(new byte[100_000]).Should().Be(100_000);
        pair.Tap = static (_, _, _) => false;
        pair.Flush();
        pair.Server.Paths.All.First().HasWindow.Should().BeFalse();

        // The server may send nothing on the other path, and no timer runs there.
        pair.Server.SelectPath(1, pair.Now);
        pair.Flush();
        pair.Tap = null;

        pair.RunUntil(() => stream.IsEverythingAcknowledged, Long).Should().BeTrue();
        pair.Server.CurrentPathId.Should().Be(0);
    }

    [Fact]
    public void Path_whose_answers_take_longer_than_its_acknowledgements_is_validated_all_the_same()
    {
        using var pair = new QuicPair().Connect();
        pair.Links[0].Delay = TimeSpan.FromMilliseconds(1);
        var slow = pair.AddPath(1);
        var isMute = false;
        pair.Tap = (fromServer, path, _) =>
        {
            slow.Delay = TimeSpan.FromMilliseconds(fromServer ? 1 : 300);
            return fromServer || path == 0 || !isMute;
        };
        // The server may send a little on the path, and the client acknowledges that on the fast one.
        pair.Client.ProbePath(1, pair.Now);
        pair.Flush();
        isMute = true;
        pair.Run(TimeSpan.FromSeconds(10));
        pair.Server!.SelectPath(1, pair.Now);
        pair.Run(TimeSpan.FromSeconds(10));
        pair.Server.CurrentPathId.Should().Be(0);
        isMute = false;
        pair.ServerEvents.Clear();

        pair.Client.SelectPath(1, pair.Now);
        pair.EchoOnServer();
        pair.Echo(Transfer.RandomBytes(200_000, seed: 1)).Length.Should().Be(200_000);

        pair.Server.CurrentPathId.Should().Be(1);
        pair.ServerEvents.Count(static item => item.Kind == QuicEventKind.PathChanged).Should().Be(1);
    }
}
