using System.Net;
using MqttScion.Scion;

namespace MqttScion.Cli.Tests;

/// <summary>Paths for tests of the output.</summary>
internal static class SamplePaths
{
    public static readonly DateTimeOffset Now = new(2026, 5, 4, 3, 2, 1, TimeSpan.Zero);

    /// <summary>A path over one AS, nothing announced.</summary>
    public static ScionPath Plain { get; } = new(
        new byte[4],
        [
            Interface("1-ff00:0:111#1"),
            Interface("1-ff00:0:110#3"),
            Interface("1-ff00:0:110#1"),
            Interface("2-ff00:0:210#7"),
        ],
        mtu: 1472,
        Now + TimeSpan.FromMinutes(90),
        new IPEndPoint(IPAddress.Loopback, 31012));

    /// <summary>The same with all that can be announced, some of it hostile.</summary>
    public static ScionPath Announced { get; } = Plain.WithMetadata(new PathMetadata
    {
        Latencies = [TimeSpan.FromMilliseconds(10), null, TimeSpan.FromMilliseconds(2.5)],
        BandwidthsKbps = [1000, 500, 2000],
        Locations = [new GeoCoordinates(47.5f, 8.25f, "Here\u001b[2J"), null, null, null],
        LinkTypes = [PathLinkType.Direct, PathLinkType.OpenNet],
        InternalHops = [2],
        Notes = ["", "a\nb\u009b31m", ""],
    });

    private static PathInterface Interface(string text)
    {
        var parts = text.Split('#');
        return new PathInterface(IsdAs.Parse(parts[0]), ushort.Parse(parts[1]));
    }
}
