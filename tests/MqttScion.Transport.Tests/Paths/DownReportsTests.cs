using System.Reactive.Subjects;
using Microsoft.Extensions.Logging.Abstractions;
using MqttScion.Scion;

namespace MqttScion.Transport.Tests;

public sealed class DownReportsTests
{
    private static readonly IsdAs Here = IsdAs.Parse("1-ff00:0:111");
    private static readonly PathInterface End = new(Here, 1);

    [Fact]
    public async Task Interface_that_is_down_is_reported_once_for_all_its_paths()
    {
        var source = new ScriptedPathSource(() => []);
        using var events = new Subject<PathEvent>();
        using var reports = new DownReports(source, events, TimeProvider.System, NullLogger.Instance);

        events.OnNext(Down(End));
        events.OnNext(Down(End));
        events.OnNext(Down(new PathInterface(Here, 2)));

        await source.Told(2).WaitAsync(TimeSpan.FromSeconds(5));
        source.Reported.Should().BeEquivalentTo([End, new PathInterface(Here, 2)]);
    }

    [Fact]
    public void Path_that_is_down_for_another_reason_is_not_reported()
    {
        var source = new ScriptedPathSource(() => []);
        using var events = new Subject<PathEvent>();
        using var reports = new DownReports(source, events, TimeProvider.System, NullLogger.Instance);

        events.OnNext(Down(end: null));
        events.OnNext(new PathEvent.Down(Path(), "3 probes in a row lost"));

        source.Reported.Should().BeEmpty();
    }

    [Fact]
    public async Task Report_is_not_made_on_the_thread_that_marked_the_path()
    {
        var source = new ThreadSource();
        using var events = new Subject<PathEvent>();
        using var reports = new DownReports(source, events, TimeProvider.System, NullLogger.Instance);

        lock (source.Marking)
        {
            events.OnNext(Down(End));
        }

        (await source.WasMarking.Task.WaitAsync(TimeSpan.FromSeconds(5))).Should().BeFalse();
    }

    private static PathEvent.Down Down(PathInterface? end) => new(Path(), "SCMP")
    {
        Fault = new PathFault(new ScmpMessage(ScmpType.ExternalInterfaceDown, 0), end),
    };

    private static ScionPath Path() => ScionPath.SameAs(Here, mtu: 1472, DateTimeOffset.MaxValue);

    private sealed class ThreadSource : IPathSource
    {
        public Lock Marking { get; } = new();

        public TaskCompletionSource<bool> WasMarking { get; } = new();

        public Task<IReadOnlyList<LocalAs>> GetLocalAsync(CancellationToken cancellationToken = default) =>
            Task.FromResult<IReadOnlyList<LocalAs>>([]);

        public Task<IReadOnlyList<ScionPath>> GetPathsAsync(
            IsdAs destination,
            IsdAs? source = null,
            CancellationToken cancellationToken = default) => Task.FromResult<IReadOnlyList<ScionPath>>([]);

        public Task ReportDownAsync(PathInterface end, CancellationToken cancellationToken = default)
        {
            WasMarking.SetResult(Marking.IsHeldByCurrentThread);
            return Task.CompletedTask;
        }
    }
}
