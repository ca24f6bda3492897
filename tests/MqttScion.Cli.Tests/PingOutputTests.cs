using System.Text.Json;
using MqttScion.Scion;

namespace MqttScion.Cli.Tests;

public class PingOutputTests
{
    private static readonly Destination Host = Destination.Parse("[2-ff00:0:210,10.0.0.2]");
    private static readonly ScionEndPoint From = ScionEndPoint.Parse("[2-ff00:0:210,10.0.0.2]:0");
    private static readonly ProbeOutcome Reply = new ProbeOutcome.Replied(TimeSpan.FromMilliseconds(2), From, 8);

    private static readonly ProbeOutcome Refusal = new ProbeOutcome.Refused(
        new ScmpMessage(ScmpType.DestinationUnreachable, ScmpCode.PortUnreachable), From, TimeSpan.FromMilliseconds(1));

    private static readonly ProbeOutcome Loss = new ProbeOutcome.TimedOut(TimeSpan.FromSeconds(1));

    [Fact]
    public void Statistics_count_outcomes_and_round_trips()
    {
        var statistics = new PingStatistics();
        foreach (var milliseconds in new[] { 2, 4, 6 })
            statistics.Add(new ProbeOutcome.Replied(TimeSpan.FromMilliseconds(milliseconds), From, 8));
        statistics.Add(Loss);
        statistics.Add(Refusal);

        (statistics.Sent, statistics.Received, statistics.Errors).Should().Be((5, 3, 1));
        statistics.Loss.Should().BeApproximately(0.4, 1e-9);
        statistics.Deviation.TotalMilliseconds.Should().BeApproximately(Math.Sqrt(8 / 3.0), 1e-3);
        new PingText().End(Host, statistics, TimeSpan.FromSeconds(4)).Should().Equal(
            "",
            "--- [2-ff00:0:210,10.0.0.2] ping statistics ---",
            "5 sent, 3 received, 1 errors, 40% loss, time 4s",
            "rtt min/avg/max/mdev = 2.000/4.000/6.000/1.633 ms");
    }

    [Fact]
    public void Statistics_without_an_echo_have_no_round_trips()
    {
        var statistics = new PingStatistics();
        new PingText().End(Host, statistics, TimeSpan.Zero).Should().HaveCount(3)
            .And.Contain("0 sent, 0 received, 0% loss, time 0s");
        statistics.Add(Loss);
        statistics.Loss.Should().Be(1);
        statistics.Deviation.Should().Be(TimeSpan.Zero);
    }

    [Fact]
    public void Outcomes_are_lines_in_words()
    {
        var text = new PingText();
        Line(Reply).Should().Be("8 bytes from [2-ff00:0:210,10.0.0.2]: scmp_seq=7 time=2.000ms");
        Line(Refusal).Should().Be("From [2-ff00:0:210,10.0.0.2]: scmp_seq=7 the port is unreachable");
        Line(Loss).Should().Be("scmp_seq=7 no answer within 1s");
        Line(new ProbeOutcome.NotSent("no path")).Should().Be("scmp_seq=7 not sent: no path");

        string Line(ProbeOutcome outcome) => text.Outcome(7, Host, new PingResult(SamplePaths.Plain, outcome));
    }

    [Fact]
    public void Json_names_each_event()
    {
        var json = new PingJson();
        var reply = Parse(json.Outcome(7, Host, new PingResult(SamplePaths.Plain, Reply)));
        reply.GetProperty("event").GetString().Should().Be("reply");
        reply.GetProperty("scmp_seq").GetInt32().Should().Be(7);
        reply.GetProperty("rtt_ms").GetDouble().Should().Be(2);
        reply.GetProperty("fingerprint").GetString().Should().Be(SamplePaths.Plain.Fingerprint);
        Parse(json.Outcome(8, Host, new PingResult(null, Loss))).GetProperty("event").GetString().Should()
            .Be("timeout");
        Parse(json.Outcome(8, Host, new PingResult(null, Refusal))).GetProperty("scmp").GetString().Should()
            .Be("DestinationUnreachable(PortUnreachable)");
        Parse(json.Path(new PathEvent.Down(SamplePaths.Plain, "why\u001b"))!).GetProperty("event").GetString().Should()
            .Be("path_down");
        json.Path(new PathEvent.Found(SamplePaths.Plain)).Should().BeNull();
    }

    private static JsonElement Parse(string line)
    {
        line.Should().NotContainAny("\n", "\u001b");
        return JsonDocument.Parse(line).RootElement;
    }
}
