namespace MqttScion.Quic.Tests;

/// <summary>What a side does when it sends on another path from now on.</summary>
public class PathMoveTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(20);

    [Fact]
    public void Server_that_follows_within_the_handshake_says_so_and_starts_its_back_off_anew()
    {
        var sink = new MemorySink();
        using var pair = new QuicPair(1, settings => settings.ServerOptions.Qlog = _ => sink);
        pair.AddPath(1);
        pair.Tap = static (fromServer, path, _) => !fromServer || path == 1;
        pair.RunUntil(() => pair.Server is { ProbeCount: > 0 }).Should().BeTrue();

        pair.Client.SelectPath(1, pair.Now);
        pair.RunUntil(() => pair.Server!.CurrentPathId == 1).Should().BeTrue();

        pair.Server!.IsHandshakeConfirmed.Should().BeFalse();
        pair.Server.ProbeCount.Should().Be(0);
        pair.ServerEvents.Should().ContainSingle(
            static item => item.Kind == QuicEventKind.PathChanged && item.PathId == 1);
        pair.Connect();
        pair.Server.Dispose();
        QlogFile.Read(sink.Bytes).Named("connectivity:migration_state_updated").Should().Contain(
            static item => item.Text("new") == "migration_complete" && item.Text("path_id") == "1");
    }

    [Fact]
    public void Server_that_followed_within_the_handshake_goes_back_to_the_address_that_a_token_proved()
    {
        using var pair = new QuicPair(1, static settings => settings.ServerOptions.RetryAboveHandshakes = 0);
        pair.AddPath(1);
        pair.RunUntil(() => pair.Server is not null).Should().BeTrue();
        pair.Client.SelectPath(1, pair.Now);
        pair.RunUntil(() => pair.Server!.CurrentPathId == 1).Should().BeTrue();
        pair.Tap = static (fromServer, path, _) => !fromServer || path == 0;
        pair.RunUntil(() => pair.Client.TryOpenStream(true, out var stream) && stream.Write([1]) == 1)
            .Should().BeTrue();

        pair.RunUntil(() => pair.Server!.CurrentPathId == 0, Long).Should().BeTrue();

        pair.ServerEvents.Should().Contain(
            static item => item.Kind == QuicEventKind.PathChanged && item.PathId == 0);
    }

    [Fact]
    public void Server_that_followed_within_the_handshake_validates_the_path_by_the_first_packet_after_it()
    {
        using var pair = new QuicPair(1, static settings =>
        {
            settings.ClientOptions.KeepAliveInterval = TimeSpan.Zero;
            settings.ServerOptions.KeepAliveInterval = TimeSpan.Zero;
        });
        pair.AddPath(1);
        pair.RunUntil(() => pair.Server is not null).Should().BeTrue();
        pair.Client.SelectPath(1, pair.Now);
        pair.Connect();

        pair.Run(TimeSpan.FromSeconds(1));

        pair.ServerEvents.Should().Contain(
            static item => item.Kind == QuicEventKind.PathValidated && item.PathId == 1);
    }

    [Fact]
    public void Server_that_follows_challenges_the_path_before_which_may_be_the_right_one()
    {
        using var pair = new QuicPair().Connect();
        pair.AddPath(1);
        pair.Run(TimeSpan.FromSeconds(1));
        pair.ServerEvents.Clear();

        pair.Client.SelectPath(1, pair.Now);
        pair.Run(TimeSpan.FromSeconds(1));

        pair.ServerEvents.Where(static item => item.Kind == QuicEventKind.PathValidated)
            .Select(static item => item.PathId).Should().BeEquivalentTo([0, 1]);
        pair.Server!.CurrentPathId.Should().Be(1);
    }

    [Fact]
    public void Server_that_goes_back_to_a_path_that_was_never_validated_challenges_it()
    {
        using var pair = new QuicPair().Connect();
        pair.AddPath(1);
        pair.AddPath(2).IsDown = true;
        pair.Tap = static (fromServer, path, _) => !fromServer || path != 1;
        pair.Client.SelectPath(1, pair.Now);
        pair.RunUntil(() => pair.Server!.CurrentPathId == 1).Should().BeTrue();
        pair.Server!.ClosePath(0);

        pair.Server.SelectPath(2, pair.Now);
        pair.RunUntil(() => pair.Server.CurrentPathId == 1, Long).Should().BeTrue();

        pair.Server.Paths.All.Single(static path => path.Id == 1).Challenge.Should().NotBeNull();
    }

    [Fact]
    public void Server_that_was_sent_away_and_back_does_not_take_the_path_it_is_on_for_another()
    {
        using var pair = new QuicPair().Connect();
        pair.AddPath(1).IsDown = true;
        pair.AddPath(2);
        pair.Client.SelectPath(2, pair.Now);
        pair.Run(TimeSpan.FromSeconds(1));
        pair.Server!.SelectPath(0, pair.Now);
        pair.Run(TimeSpan.FromSeconds(1));
        pair.Server.SelectPath(1, pair.Now);
        pair.Flush();

        pair.Links[0].IsDown = true;
        pair.Server.SelectPath(0, pair.Now);

        pair.RunUntil(() => pair.Server.CurrentPathId == 2, Long).Should().BeTrue();
    }
}
