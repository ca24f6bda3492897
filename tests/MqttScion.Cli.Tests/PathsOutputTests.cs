using System.Net;
using System.Text.Json;
using MqttScion.Scion;

namespace MqttScion.Cli.Tests;

public class PathsOutputTests
{
    private static readonly ScionEndPoint Router = ScionEndPoint.Parse("[1-ff00:0:110,10.0.0.9]:0");

    [Fact]
    public void Path_is_a_line_below_its_number_of_hops()
    {
        Lines(SamplePaths.Plain, new ProbeOutcome.Replied(TimeSpan.FromMicroseconds(1234), Router, 0)).Should().Equal(
            "Available paths to 2-ff00:0:210",
            "3 Hops:",
            "[0] Hops: [1-ff00:0:111 1>3 1-ff00:0:110 1>7 2-ff00:0:210] MTU: 1472 NextHop: 127.0.0.1:31012 "
            + "Status: alive RTT: 1.234ms LocalIP: 127.0.0.1");
    }

    [Fact]
    public void Scmp_error_is_told_in_words()
    {
        var down = new ScmpMessage(ScmpType.ExternalInterfaceDown, 0)
        {
            IsdAs = IsdAs.Parse("1-ff00:0:110"),
            Interface = 1,
        };
        Lines(SamplePaths.Plain, new ProbeOutcome.Refused(down, Router, TimeSpan.Zero))[^1].Should()
            .Contain("Status: scmp (interface 1-ff00:0:110#1 is down, says [1-ff00:0:110,10.0.0.9])");
        Lines(SamplePaths.Plain, new ProbeOutcome.TimedOut(TimeSpan.FromSeconds(1)))[^1].Should()
            .Contain("Status: timeout LocalIP");
    }

    [Fact]
    public void Extended_form_tells_all_that_is_announced_and_escapes_it()
    {
        var report = Report(SamplePaths.Announced, outcome: null);
        PathsText.Lines(report, isExtended: true, isGrouped: false, isExplained: true).Skip(1).Should().Equal(
            "[0] Hops: [1-ff00:0:111 1>3 1-ff00:0:110 1>7 2-ff00:0:210]",
            "    MTU: 1472",
            "    NextHop: 127.0.0.1:31012",
            "    Expires: 2026-05-04 04:32:01Z (1h30m)",
            "    Latency: >12.5ms (incomplete) [10ms ? 2.5ms]",
            "    Bandwidth: 500kbit/s [1000 500 2000]",
            "    Geo: [47.5,8.25 (\"Here\\u001b[2J\") > ? > ? > ?]",
            "    LinkTypes: [direct, opennet]",
            "    InternalHops: [1-ff00:0:110: 2]",
            "    Notes: [1-ff00:0:110: \"a\\nb\\u009b31m\"]",
            $"    Fingerprint: {SamplePaths.Plain.Fingerprint}",
            "    Policy: denied by \"- 2\"");
    }

    [Fact]
    public void Json_has_the_keys_of_scionproto_and_those_beyond()
    {
        var report = Report(SamplePaths.Announced, new ProbeOutcome.Replied(TimeSpan.FromMilliseconds(2), Router, 0));
        var text = PathsJson.Of(report, isExplained: true);
        text.Should().NotContainAny("\u001b", "\u009b");
        var root = JsonDocument.Parse(text).RootElement;
        Keys(root).Should().Equal("local_isd_as", "destination", "paths");
        var path = root.GetProperty("paths")[0];
        Keys(path).Should().Equal(
            "fingerprint", "hops", "sequence", "next_hop", "expiry", "mtu", "latency", "bandwidth_kbps", "geo",
            "link_types", "internal_hops", "notes", "allowed", "why", "status", "local_ip", "rtt_ms");
        var hop = path.GetProperty("hops")[3];
        hop.GetProperty("interface").GetInt32().Should().Be(7);
        hop.GetProperty("isd_as").GetString().Should().Be("2-ff00:0:210");
        path.GetProperty("sequence").GetString().Should()
            .Be("1-ff00:0:111#0,1 1-ff00:0:110#3,1 2-ff00:0:210#7,0");
        path.GetProperty("latency").EnumerateArray().Select(each => each.GetInt64()).Should()
            .Equal(10_000_000, -1, 2_500_000);
        path.GetProperty("expiry").GetString().Should().Be("2026-05-04T04:32:01Z");
        path.GetProperty("notes")[1].GetString().Should().Be("a\nb\u009b31m");
        path.GetProperty("rtt_ms").GetDouble().Should().Be(2);
    }

    [Fact]
    public void Json_without_probe_and_explanation_leaves_their_keys_out()
    {
        var path = JsonDocument.Parse(PathsJson.Of(Report(SamplePaths.Plain, outcome: null), isExplained: false))
            .RootElement.GetProperty("paths")[0];
        Keys(path).Should().NotContain(["allowed", "why", "status", "rtt_ms"]);
        path.GetProperty("latency").GetArrayLength().Should().Be(0);
    }

    private static List<string> Lines(ScionPath path, ProbeOutcome outcome) =>
    [
        .. PathsText.Lines(Report(path, outcome), isExtended: false, isGrouped: true, isExplained: false),
    ];

    private static PathsReport Report(ScionPath path, ProbeOutcome? outcome) => new(
        path.Source,
        path.Destination,
        [new PathRow(path, new PathVerdict(IsAllowed: false, "denied by \"- 2\""), outcome)],
        IPAddress.Loopback,
        SamplePaths.Now);

    private static IEnumerable<string> Keys(JsonElement element) =>
        element.EnumerateObject().Select(property => property.Name);
}
