using Microsoft.Extensions.Logging.Abstractions;
using MqttScion.Scion;

namespace MqttScion.Transport.Tests;

public sealed class ScionNetworkTests
{
    private static readonly IsdAs There = IsdAs.Parse("2-ff00:0:211");
    private static readonly IsdAs Home = IsdAs.Parse("1-ff00:0:111");
    private static readonly IsdAs OtherHome = IsdAs.Parse("1-ff00:0:112");
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Paths_found_again_after_a_stop_are_looked_up_anew_and_kept_fresh()
    {
        var source = new ScriptedPathSource(Paths);
        await using var network = NetworkOf(source);
        await network.FindPathsAsync(There, default).WaitAsync(Limit);
        await network.StopAsync();

        await network.FindPathsAsync(There, default).WaitAsync(Limit);
        await network.FindPathsAsync(There, default).WaitAsync(Limit);

        source.LookUps.Should().Be(2, "the refresher of the second call keeps the paths for the third");
    }

    [Fact]
    public async Task Policy_set_while_nothing_was_connected_holds_for_the_paths_known_from_before()
    {
        await using var network = NetworkOf(new ScriptedPathSource(Paths));
        await network.FindPathsAsync(There, default).WaitAsync(Limit);
        await network.StopAsync();
        network.UsePolicy(new Policy(_ => []));

        var act = () => network.FindPathsAsync(There, default).WaitAsync(Limit);

        (await act.Should().ThrowAsync<NoPathException>()).Which.FoundCount.Should().Be(1);
    }

    [Fact]
    public async Task Source_that_throws_anything_fails_the_look_up_with_PathLookupException()
    {
        await using var network = NetworkOf(new ScriptedPathSource(() => throw new HttpRequestException("refused")));

        var act = () => network.FindPathsAsync(There, default).WaitAsync(Limit);

        (await act.Should().ThrowAsync<PathLookupException>()).WithInnerException<HttpRequestException>();
    }

    [Fact]
    public async Task Policy_that_throws_fails_the_look_up_and_the_next_one_starts_afresh()
    {
        await using var network = NetworkOf(new ScriptedPathSource(Paths));
        network.UsePolicy(new Policy(_ => throw new InvalidOperationException("policy")));

        var act = () => network.FindPathsAsync(There, default).WaitAsync(Limit);

        await act.Should().ThrowAsync<InvalidOperationException>().WithMessage("policy");
        network.UsePolicy(PathPolicies.Any());
        (await network.FindPathsAsync(There, default).WaitAsync(Limit)).Should().ContainSingle();
    }

    [Fact]
    public async Task Host_in_two_ASes_uses_the_second_when_the_look_up_from_the_first_fails()
    {
        var source = new TwoHomes(from => from == OtherHome
            ? [ScionPath.SameAs(OtherHome, mtu: 1472, DateTimeOffset.MaxValue)]
            : throw new PathLookupException("no segments", new Uri("http://127.0.0.1/"), "not_found"));
        await using var network = NetworkOf(source);

        var paths = await network.FindPathsAsync(There, default).WaitAsync(Limit);

        paths.Should().ContainSingle().Which.Source.Should().Be(OtherHome);
    }

    private static IReadOnlyList<ScionPath> Paths() => [ScionPath.SameAs(Home, mtu: 1472, DateTimeOffset.MaxValue)];

    private static ScionNetwork NetworkOf(IPathSource source)
    {
        var scion = new ScionOptions { PathSource = source, ProbeInterval = null };
        var settings = NetworkSettings.From(scion, new TlsOptions());
        return new ScionNetwork(settings, [There], TimeProvider.System, NullLogger.Instance);
    }

    private sealed class Policy(Func<IReadOnlyList<ScionPath>, IReadOnlyList<ScionPath>> apply) : IPathPolicy
    {
        public IReadOnlyList<ScionPath> Apply(IReadOnlyList<ScionPath> paths) => apply(paths);
    }

    private sealed class TwoHomes(Func<IsdAs?, IReadOnlyList<ScionPath>> answer) : IPathSource
    {
        public Task<IReadOnlyList<LocalAs>> GetLocalAsync(CancellationToken cancellationToken = default) =>
            Task.FromResult<IReadOnlyList<LocalAs>>([new LocalAs(Home), new LocalAs(OtherHome)]);

        public Task<IReadOnlyList<ScionPath>> GetPathsAsync(
            IsdAs destination,
            IsdAs? source = null,
            CancellationToken cancellationToken = default) => Task.FromResult(answer(source));
    }
}
