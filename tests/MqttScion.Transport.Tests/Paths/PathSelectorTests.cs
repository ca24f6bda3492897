namespace MqttScion.Transport.Tests;

/// <summary>Which path a connection takes, and why; in virtual time.</summary>
public class PathSelectorTests
{
    private static readonly TimeSpan Start = TimeSpan.FromHours(1);

    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(80);

    private readonly Candidates _candidates = new("A", "B", "C", "D", "E");
    private readonly PathSelector<string> _selector;

    public PathSelectorTests() => _selector = new PathSelector<string>(_candidates, "A", TimeSpan.FromSeconds(10));

    [Fact]
    public void Silence_asks_the_path_in_use_and_standbys_and_moves_nothing()
    {
        _selector.OnSilent(Start);

        Steps().Should().Equal("Probe A", "Probe B", "Probe C", "Probe D");
        _selector.Current.Should().Be("A");
        _selector.NextTimeout.Should().BeNull();
    }

    [Fact]
    public void First_standby_that_answers_takes_over_after_the_grace_of_the_path_in_use()
    {
        _selector.OnSilent(Start);
        Steps();

        _selector.OnProbeAnswered("C", At(20));
        _selector.OnProbeAnswered("B", At(20.5));
        Steps().Should().BeEmpty();
        _selector.NextTimeout.Should().Be(At(21));
        _selector.OnTimeout(At(21));

        Steps().Should().Equal("GiveUp C");
        _selector.Current.Should().Be("C");
        _candidates.Suspected.Should().Equal("A");
    }

    /// <summary>The peer answers on both when it goes on, and on the shorter way first.</summary>
    [Fact]
    public void Slow_peer_is_told_from_a_dead_path_also_when_a_standby_is_faster()
    {
        _candidates.Rtts["A"] = TimeSpan.FromMilliseconds(200);
        _candidates.Rtts["B"] = TimeSpan.FromMilliseconds(20);
        _selector.OnSilent(Start);
        Steps();

        _selector.OnProbeAnswered("B", At(1010));
        _selector.OnTimeout(At(1099));
        _selector.OnProbeAnswered("A", At(1100));
        _selector.OnTimeout(At(1200));

        Steps().Should().BeEmpty();
        _selector.Current.Should().Be("A");
        _candidates.Suspected.Should().BeEmpty();
    }

    [Fact]
    public void Acknowledgement_ends_it()
    {
        _selector.OnSilent(Start);
        _selector.OnProbeAnswered("B", At(1));
        _selector.OnAnswered();
        _selector.OnTimeout(At(100));
        _selector.OnProbeAnswered("C", At(101));
        _selector.OnTimeout(At(200));

        Steps().Where(static step => !step.StartsWith("Probe", StringComparison.Ordinal)).Should().BeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Path_that_answers_probes_and_drops_data_is_left_when_the_silence_has_doubled_twice(bool isStandbyLate)
    {
        _selector.OnSilent(Start);
        _selector.OnProbeAnswered("A", At(20));
        if (!isStandbyLate)
        {
            _selector.OnProbeAnswered("B", At(21));
        }
        _selector.OnSilent(At(50));
        Steps().Should().NotContain(static step => step.StartsWith("GiveUp", StringComparison.Ordinal));

        _selector.OnSilent(At(150));
        if (isStandbyLate)
        {
            _selector.OnProbeAnswered("B", At(160));
        }

        Steps().Should().Contain("GiveUp B");
        _candidates.Suspected.Should().Equal("A");
    }

    [Fact]
    public void Long_silence_asks_each_path_in_its_turn_and_none_twice_in_a_second()
    {
        var asked = new List<(string Path, TimeSpan At)>();
        foreach (var at in new[] { 0, 50, 150, 350, 750, 1550, 3150 })
        {
            _selector.OnSilent(At(at));
            asked.AddRange(Steps().Select(step => (step, At(at))));
        }

        asked.Select(static item => item.Path).Distinct().Should()
            .BeEquivalentTo("Probe A", "Probe B", "Probe C", "Probe D", "Probe E");
        foreach (var path in asked.GroupBy(static item => item.Path))
        {
            var times = path.Select(static item => item.At).ToList();
            times.Zip(times.Skip(1), static (one, next) => next - one)
                .Should().OnlyContain(static gap => gap >= TimeSpan.FromSeconds(1));
        }
    }

    [Fact]
    public void Standbys_are_those_that_share_least_with_the_path_in_use_and_with_each_other()
    {
        _candidates.SharedEnds["AB"] = 3;
        _candidates.SharedEnds["AC"] = 1;
        _candidates.SharedEnds["CD"] = 5;
        _selector.OnSilent(Start);

        Steps().Should().Equal("Probe A", "Probe D", "Probe E", "Probe B");
    }

    [Fact]
    public void Two_standbys_are_shown_to_the_peer_from_the_connect_on()
    {
        _selector.OnConnected(Start);
        _selector.NextTimeout.Should().Be(At(250));

        _selector.OnTimeout(At(250));
        Steps().Should().Equal("Probe B", "Probe C");
        _selector.NextTimeout.Should().Be(At(10_250));

        _candidates.Usable = ["B", "C", "D"];
        _selector.OnCandidatesChanged("gone", isDown: true, At(5_000));
        Steps().Should().Equal("GiveUp B");
        _selector.OnTimeout(At(5_250));
        Steps().Should().Equal("Probe C", "Probe D");
    }

    [Theory]
    [InlineData(true, "GiveUp B")]
    [InlineData(false, "Move B")]
    public void Path_that_may_not_be_used_any_more_is_left_at_once_for_the_preferred(bool isDown, string step)
    {
        _candidates.Usable = ["B", "C"];
        _selector.OnCandidatesChanged("gone", isDown, Start);

        Steps().Should().Equal(step);
        _candidates.Suspected.Should().BeEmpty("whoever changed the candidates knows");
    }

    [Fact]
    public void Path_in_use_stays_while_it_is_usable_and_when_nothing_is()
    {
        _candidates.Usable = ["B", "A"];
        _selector.OnCandidatesChanged("", isDown: false, Start);
        _candidates.Usable = [];
        _selector.OnCandidatesChanged("", isDown: true, Start);

        Steps().Should().BeEmpty();
    }

    [Fact]
    public void Peer_that_moved_is_followed_when_the_path_in_use_does_not_answer()
    {
        _selector.OnPeerMoved("X", Settling, Start);
        Steps().Should().BeEmpty("X may not be used");

        _selector.OnPeerMoved("C", Settling, Start);
        Steps().Should().Equal("Probe A", "Probe C");
        _selector.OnProbeAnswered("C", At(20));
        _selector.OnTimeout(At(21));

        Steps().Should().Equal("GiveUp C");
    }

    /// <summary>A peer that answers where something came last is moved by each probe of a standby.</summary>
    [Fact]
    public void Peer_that_moved_is_not_followed_while_the_path_in_use_answers()
    {
        for (var round = 0; round < 5; round++)
        {
            _selector.OnPeerMoved("C", Settling, At(round * 2000));
            Steps().Should().Equal("Probe A", "Probe C");
            _selector.OnProbeAnswered("C", At((round * 2000) + 20));
            _selector.OnProbeAnswered("A", At((round * 2000) + 20.5));
            _selector.OnTimeout(At((round * 2000) + 100));
            Steps().Should().BeEmpty();
        }

        _selector.OnSilent(At(20_000));
        Steps().Should().Equal("Probe A", "Probe B", "Probe C", "Probe D");
    }

    [Fact]
    public void Peer_that_moved_is_not_asked_about_while_it_can_not_know_of_a_move_of_ours()
    {
        _candidates.Usable = ["B", "C", "D"];
        _selector.OnCandidatesChanged("gone", isDown: true, Start);
        Steps().Should().Equal("GiveUp B");

        _selector.OnPeerMoved("D", Settling, At(79));
        Steps().Should().BeEmpty();
        _selector.OnPeerMoved("D", Settling, At(81));
        Steps().Should().Equal("Probe B", "Probe D");
    }

    private static TimeSpan At(double milliseconds) => Start + TimeSpan.FromMilliseconds(milliseconds);

    private List<string> Steps()
    {
        var steps = new List<string>();
        while (_selector.TryTakeStep(out var step))
        {
            steps.Add($"{step.Kind} {step.Path}");
        }
        return steps;
    }

    private sealed class Candidates(params string[] usable) : IPathCandidates<string>
    {
        public IReadOnlyList<string> Usable { get; set; } = usable;

        public Dictionary<string, TimeSpan> Rtts { get; } = [];

        public Dictionary<string, int> SharedEnds { get; } = [];

        public List<string> Suspected { get; } = [];

        public bool IsSame(string one, string other) => one == other;

        public int Shared(string one, string other) =>
            SharedEnds.GetValueOrDefault(string.Concat(new[] { one, other }.Order()));

        public TimeSpan? RttOf(string path) => Rtts.TryGetValue(path, out var rtt) ? rtt : null;

        public void Suspect(string path, string why, TimeSpan now) => Suspected.Add(path);
    }
}
