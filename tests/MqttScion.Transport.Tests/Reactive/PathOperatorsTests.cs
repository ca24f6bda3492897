using System.Net;
using System.Reactive.Subjects;
using MqttScion.Scion;

namespace MqttScion.Transport.Tests;

public sealed class PathOperatorsTests
{
    private static readonly ScionPath First = PathOver(1, 2);
    private static readonly ScionPath Second = PathOver(3, 4);

    [Fact]
    public void WhenDegraded_reports_only_round_trips_beyond_the_factor_per_path()
    {
        var events = new Subject<PathEvent>();
        var seen = new List<(ScionPath Path, double Milliseconds)>();
        using var subscription = events.WhenDegraded(rtt: 2.0)
            .Subscribe(e => seen.Add((e.Path, e.Rtt.TotalMilliseconds)));

        events.OnNext(Degraded(First, 10));
        events.OnNext(Degraded(First, 15));
        events.OnNext(Degraded(Second, 50));
        events.OnNext(Degraded(First, 20));
        events.OnNext(Degraded(Second, 90));
        events.OnNext(new PathEvent.Found(Second));
        events.OnNext(Degraded(Second, 100));

        seen.Should().Equal((First, 20), (Second, 100));
    }

    [Fact]
    public void SelectedPaths_gives_each_change_once()
    {
        var events = new Subject<PathEvent>();
        var seen = new List<ScionPath>();
        using var subscription = events.SelectedPaths().Subscribe(seen.Add);

        events.OnNext(new PathEvent.Found(First));
        events.OnNext(new PathEvent.Selected(First, null, "first"));
        events.OnNext(new PathEvent.Selected(First, First, "renewed"));
        events.OnNext(new PathEvent.Selected(Second, First, "down"));

        seen.Should().Equal(First, Second);
    }

    private static PathEvent.Degraded Degraded(ScionPath path, int milliseconds) =>
        new(path, TimeSpan.FromMilliseconds(milliseconds));

    private static ScionPath PathOver(ushort exit, ushort entry) => new(
        new byte[] { 0 },
        [
            new PathInterface(IsdAs.Parse("1-ff00:0:110"), exit),
            new PathInterface(IsdAs.Parse("1-ff00:0:111"), entry),
        ],
        mtu: 1400,
        DateTimeOffset.UnixEpoch,
        new IPEndPoint(IPAddress.Loopback, 1));
}
