using System.Reactive.Subjects;
using Microsoft.Extensions.Logging.Abstractions;
using MqttScion.Scion;

namespace MqttScion.Tests.Failover;

public sealed class DownReportsTests
{
    private static readonly IsdAs Here = IsdAs.Parse("1-ff00:0:111");
    private static readonly PathInterface End = new(Here, 1);

    [Fact]
    public void Interface_that_is_down_is_reported_once_for_all_its_paths()
    {
        var source = new ScriptedPathSource(() => []);
        using var events = new Subject<PathEvent>();
        using var reports = new DownReports(source, events, TimeProvider.System, NullLogger.Instance);

        events.OnNext(Down(End));
        events.OnNext(Down(End));
        events.OnNext(Down(new PathInterface(Here, 2)));

        source.Reported.Should().Equal(End, new PathInterface(Here, 2));
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

    private static PathEvent.Down Down(PathInterface? end) => new(Path(), "SCMP")
    {
        Fault = new PathFault(new ScmpMessage(ScmpType.ExternalInterfaceDown, 0), end),
    };

    private static ScionPath Path() => ScionPath.SameAs(Here, mtu: 1472, DateTimeOffset.MaxValue);
}
