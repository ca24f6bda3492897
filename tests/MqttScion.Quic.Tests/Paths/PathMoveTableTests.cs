namespace MqttScion.Quic.Tests;

/// <summary>What each cause of a move does: the table beside <c>MoveTo</c>.</summary>
public class PathMoveTableTests
{
    private static readonly Row[] Table =
    [
        new("client, owner", false, PathMove.Owner, true, Steps.Ping | Steps.Challenge),
        new("client, owner gave up", false, PathMove.OwnerGaveUp, true,
            Steps.Ping | Steps.Challenge | Steps.NoneInFlight),
        new("client, owner in handshake", false, PathMove.OwnerInHandshake, true, Steps.MovedInHandshake),
        new("server, owner", true, PathMove.Owner, true, Steps.Fallback | Steps.Ping | Steps.Challenge),
        new("server, owner, new path", true, PathMove.Owner, false, Steps.Fallback | Steps.Ping | Steps.Challenge),
        new("server, owner gave up", true, PathMove.OwnerGaveUp, true,
            Steps.Ping | Steps.Challenge | Steps.NoneInFlight),
        new("server, owner in handshake", true, PathMove.OwnerInHandshake, false,
            Steps.Fallback | Steps.MovedInHandshake),
        new("server, peer", true, PathMove.Peer, true,
            Steps.Fallback | Steps.PeerPath | Steps.Event | Steps.ChallengeBefore),
        new("server, peer, new path", true, PathMove.Peer, false,
            Steps.Fallback | Steps.PeerPath | Steps.Event | Steps.Challenge | Steps.ChallengeBefore),
        new("server, peer in handshake", true, PathMove.PeerInHandshake, false,
            Steps.Fallback | Steps.Event | Steps.MovedInHandshake),
        new("server, fallback", true, PathMove.Fallback, true, Steps.PeerPath | Steps.Event),
        new("server, fallback, new path", true, PathMove.Fallback, false,
            Steps.PeerPath | Steps.Event | Steps.Challenge),
    ];

    [Flags]
    private enum Steps
    {
        None = 0,
        Fallback = 1,
        PeerPath = 2,
        Event = 4,
        Ping = 8,
        Challenge = 16,
        ChallengeBefore = 32,
        MovedInHandshake = 64,
        NoneInFlight = 128,
    }

    public static TheoryData<string> Names => new(Table.Select(static row => row.Name));

    [Theory]
    [MemberData(nameof(Names))]
    public void Move_does_what_its_cause_asks_for(string name)
    {
        var row = Table.Single(item => item.Name == name);
        var sink = new MemorySink();
        using var pair = SilentPair(row, sink, out var side);
        var before = side.Paths.All.Single(static path => path.Id == 0);
        var target = side.Paths.All.Single(static path => path.Id == 1);
        target.IsValidated = row.IsValidated;
        var lost = side.Statistics.LostPackets;
        side.ProbeCount.Should().BePositive();
        before.BytesInFlight.Should().BePositive();

        side.Paths.MoveTo(target, row.Why, pair.Now);

        side.CurrentPathId.Should().Be(1);
        Observe(side, before, target).Should().Be(row.Steps);
        side.ProbeCount.Should().Be(0);
        side.Statistics.LostPackets.Should().BeGreaterThan(lost);
        side.Paths.HasMoved.Should().BeTrue("the loss timer starts anew");
        side.Dispose();
        QlogFile.Read(sink.Bytes).Named("connectivity:migration_state_updated").Should().ContainSingle(
            static item => item.Text("new") == "migration_complete" && item.Text("path_id") == "1");
    }

    [Fact]
    public void Move_from_a_path_that_was_not_validated_leaves_the_fallback_as_it_is()
    {
        using var pair = SilentPair(Table.Single(static row => row.Name == "server, owner"), null, out var server);
        pair.AddPath(2);
        var paths = server.Paths.All.ToDictionary(static path => path.Id);
        server.Paths.MoveTo(paths[1], PathMove.Owner, pair.Now);

        server.Paths.MoveTo(paths[2], PathMove.Owner, pair.Now);

        server.Paths.Fallback.Should().Be(paths[0]);
    }

    [Fact]
    public void Move_to_the_fallback_leaves_none()
    {
        using var pair = SilentPair(Table.Single(static row => row.Name == "server, owner"), null, out var server);
        var paths = server.Paths.All.ToDictionary(static path => path.Id);
        server.Paths.MoveTo(paths[1], PathMove.Owner, pair.Now);

        server.Paths.MoveTo(paths[0], PathMove.Owner, pair.Now);

        server.Paths.Fallback.Should().BeNull();
    }

    private static Steps Observe(QuicConnection side, NetworkPath before, NetworkPath target)
    {
        var steps = Steps.None;
        steps |= side.Paths.Fallback == before ? Steps.Fallback : Steps.None;
        steps |= side.Paths.PeerPath == target ? Steps.PeerPath : Steps.None;
        steps |= side.Spaces[(int)SpaceId.Application].IsPingPending ? Steps.Ping : Steps.None;
        steps |= target.Challenge is not null ? Steps.Challenge : Steps.None;
        steps |= before.Challenge is not null ? Steps.ChallengeBefore : Steps.None;
        steps |= side.Paths.HasMovedInHandshake ? Steps.MovedInHandshake : Steps.None;
        steps |= before.BytesInFlight == 0 ? Steps.NoneInFlight : Steps.None;
        while (side.TryGetEvent(out var item))
            steps |= item.Kind == QuicEventKind.PathChanged && item.PathId == target.Id ? Steps.Event : Steps.None;
        return steps;
    }

    // The path in use went silent with something in flight, and the probe timer fired.
    private static QuicPair SilentPair(Row row, MemorySink? sink, out QuicConnection side)
    {
        var pair = new QuicPair(1, settings =>
        {
            var options = row.IsServer ? settings.ServerOptions : settings.ClientOptions;
            options.Qlog = sink is null ? null : _ => sink;
        }).Connect();
        pair.AddPath(1);
        pair.Run(TimeSpan.FromSeconds(1));
        pair.Links[0].IsDown = true;
        side = row.IsServer ? pair.Server! : pair.Client;
        side.TryOpenStream(true, out var stream).Should().BeTrue();
        stream!.Write([1, 2, 3]).Should().Be(3);
        pair.Run(TimeSpan.FromSeconds(1));
        stream.Write([4, 5, 6]).Should().Be(3); // Too new to be lost by time.
        pair.Flush();
        return pair;
    }

    private sealed record Row(string Name, bool IsServer, PathMove Why, bool IsValidated, Steps Steps);
}
