using System.Net;
using System.Text;
using MqttScion.Scion;

namespace MqttScion.Testnet.Tests;

public sealed class ControlApiTests(ControlApiTests.Fixture fixture) : IClassFixture<ControlApiTests.Fixture>
{
    private const string End = "1-ff00:0:110#2";
    private const string FarEnd = "2-ff00:0:210#2";

    [Fact]
    public async Task Links_are_listed_with_their_conditions()
    {
        var links = await fixture.Client.GetLinksAsync();
        links.Should().Equal(fixture.Network.Links.Select(LinkStatus.Of));
        links[3].Should().Match<LinkStatus>(link => link.A == "1-ff00:0:110#A~B" && link.Type == null);
        fixture.Api.Url.IsLoopback.Should().BeTrue();
    }

    [Fact]
    public async Task Change_keeps_what_it_leaves_out_and_set_resets_it()
    {
        var changed = await fixture.Client.ChangeLinkAsync(End, new LinkChange
        {
            Delay = TimeSpan.FromMilliseconds(2.5),
            Jitter = TimeSpan.FromMilliseconds(1),
            LossRate = 0.25,
            DuplicateRate = 0.125,
            ReorderRate = 0.5,
            RateKbps = 5000,
            QueueBytes = 3000,
            Mtu = 1300,
        });
        var expected = new LinkConditions
        {
            Delay = TimeSpan.FromMilliseconds(2.5),
            Jitter = TimeSpan.FromMilliseconds(1),
            LossRate = 0.25,
            DuplicateRate = 0.125,
            ReorderRate = 0.5,
            RateKbps = 5000,
            QueueBytes = 3000,
            Mtu = 1300,
        };
        (changed.FromA, changed.FromB).Should().Be((expected, expected));
        fixture.Network.LinkAt(End).FromB.Should().Be(expected);

        changed = await fixture.Client.ChangeLinkAsync(FarEnd, new LinkChange { RateKbps = 0, Mtu = 0 });
        changed.FromA.Should().Be(expected with { RateKbps = null, Mtu = null });

        changed = await fixture.Client.SetLinkAsync(End, new LinkChange { LossRate = 0.5 });
        changed.FromB.Should().Be(LinkConditions.Perfect with { LossRate = 0.5 });
        await fixture.ResetAsync();
    }

    [Fact]
    public async Task Direction_is_seen_from_the_end_that_is_named()
    {
        var cut = new LinkChange { State = LinkState.Silent };
        var changed = await fixture.Client.ChangeLinkAsync(End, cut with { Directions = LinkDirections.Out });
        (changed.FromA.State, changed.FromB.State).Should().Be((LinkState.Silent, LinkState.Up));
        await fixture.ResetAsync();
        changed = await fixture.Client.ChangeLinkAsync(FarEnd, cut with { Directions = LinkDirections.Out });
        (changed.FromA.State, changed.FromB.State).Should().Be((LinkState.Up, LinkState.Silent));
        await fixture.ResetAsync();
        changed = await fixture.Client.ChangeLinkAsync(End, cut with { Directions = LinkDirections.In });
        (changed.FromA.State, changed.FromB.State).Should().Be((LinkState.Up, LinkState.Silent));
        await fixture.ResetAsync();
    }

    [Fact]
    public async Task Link_set_down_over_http_is_answered_with_scmp()
    {
        var (from, to) = (IsdAs.Parse("1-ff00:0:111"), IsdAs.Parse("2-ff00:0:211"));
        using var client = fixture.Network.HostIn(from);
        var path = (await fixture.Network.PathsAsync(from, to))[0];
        await fixture.Client.ChangeLinkAsync(End, new LinkChange { State = LinkState.Down });
        client.Send(path, new ScionEndPoint(to, client.EndPoint.Host, 1), 1);
        client.Receive()!.Scmp!.Value.Type.Should().Be(ScmpType.ExternalInterfaceDown);
        await fixture.ResetAsync();
    }

    [Fact]
    public async Task Topology_names_ases_routers_and_links()
    {
        using var topology = await fixture.Client.GetTopologyAsync();
        var core = topology.RootElement.GetProperty("ases")[0];
        core.GetProperty("isd_as").GetString().Should().Be("1-ff00:0:110");
        core.GetProperty("is_core").GetBoolean().Should().BeTrue();
        core.GetProperty("host_address").GetString().Should().Be("127.0.0.1");
        core.GetProperty("dispatched_ports").GetString().Should().Be("1-65535");
        core.GetProperty("routers")[1].GetProperty("name").GetString().Should().Be("B");
        core.GetProperty("routers")[1].GetProperty("interfaces")[0].GetInt32().Should().Be(2);
        topology.RootElement.GetProperty("links").GetArrayLength().Should().Be(3);
    }

    [Theory]
    [InlineData("", "*not JSON*")]
    [InlineData("[1]", "*expected an object, got Array*")]
    [InlineData("""{"speed":1}""", "*speed: unknown; expected one of direction, state, delay_ms*")]
    [InlineData("""{"state":"broken"}""", "*state: expected up, down or silent, got 'broken'*")]
    [InlineData("""{"state":7}""", "*state: expected a text, got 7*")]
    [InlineData("""{"direction":"left"}""", "*direction: expected both, out or in, got 'left'*")]
    [InlineData("""{"delay_ms":"1"}""", "*delay_ms: expected a number, got *1*")]
    [InlineData("""{"delay_ms":-1}""", "*delay_ms: expected 0 to 60000, got -1*")]
    [InlineData("""{"jitter_ms":1e400}""", "*jitter_ms: expected*")]
    [InlineData("""{"loss":1.5}""", "*loss: expected 0 to 1, got 1.5*")]
    [InlineData("""{"rate_kbps":1.5}""", "*rate_kbps: expected a whole number, got 1.5*")]
    [InlineData("""{"rate_kbps":-1}""", "*rate_kbps: expected at least 1, got -1*")]
    [InlineData("""{"queue_bytes":10}""", "*queue_bytes: expected at least 1500, got 10*")]
    [InlineData("""{"mtu":70000}""", "*mtu: expected 1 to 65535, got 70000*")]
    public async Task Body_of_another_form_is_refused_with_the_key(string body, string error)
    {
        var (status, answer) = await fixture.SendAsync(HttpMethod.Patch, LinkPath(End), body);
        status.Should().Be(HttpStatusCode.BadRequest);
        Uri.UnescapeDataString(answer.Replace("\\u0027", "'").Replace("\\u0022", "\"")).Should().Match(error);
        fixture.Network.LinkAt(End).FromA.Should().Be(LinkConditions.Perfect, "nothing is changed by half");
    }

    [Fact]
    public async Task Requests_for_what_is_not_there_are_refused()
    {
        (await fixture.SendAsync(HttpMethod.Get, LinkPath("1-1#9"))).Should().Match<(HttpStatusCode, string)>(
            answer => answer.Item1 == HttpStatusCode.NotFound && answer.Item2.Contains("no link ends at"));
        (await fixture.SendAsync(HttpMethod.Patch, LinkPath("1-1#9"), "{}")).Status
            .Should().Be(HttpStatusCode.NotFound);
        (await fixture.SendAsync(HttpMethod.Get, "other")).Answer.Should().Contain("expected GET /links");
        (await fixture.SendAsync(HttpMethod.Delete, LinkPath(End))).Status.Should().Be(HttpStatusCode.NotFound);
        (await fixture.SendAsync(HttpMethod.Put, LinkPath(End), "{}", "text/plain")).Status
            .Should().Be(HttpStatusCode.UnsupportedMediaType);
        var large = $$"""{"state":"{{new string('x', 100_000)}}"}""";
        (await fixture.SendAsync(HttpMethod.Put, LinkPath(End), large)).Status
            .Should().Be(HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task Client_tells_why_it_was_refused_or_got_no_answer()
    {
        var unknown = () => fixture.Client.GetLinkAsync("1-1#9");
        var refusal = (await unknown.Should().ThrowAsync<ControlApiException>()).Which;
        refusal.Status.Should().Be(HttpStatusCode.NotFound);
        refusal.Message.Should().Contain("no link ends at '1-1#9'");

        await using var other = await ControlApi.StartAsync(fixture.Network);
        using var client = new ControlApiClient(other.Url);
        await other.DisposeAsync();
        var gone = () => client.GetLinksAsync();
        (await gone.Should().ThrowAsync<ControlApiException>()).WithMessage("*can't be reached*")
            .Which.Status.Should().BeNull();
    }

    private static string LinkPath(string end) => $"links/{Uri.EscapeDataString(end)}";

    public sealed class Fixture : IAsyncLifetime
    {
        internal EmulatedNetwork Network { get; private set; } = null!;

        internal ControlApi Api { get; private set; } = null!;

        internal ControlApiClient Client { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            Network = await EmulatedNetwork.StartAsync(new EmulatedNetworkOptions { Topology = Topology.Siblings });
            Api = await ControlApi.StartAsync(Network);
            Client = new ControlApiClient(Api.Url);
        }

        public async Task DisposeAsync()
        {
            Client.Dispose();
            await Api.DisposeAsync();
            await Network.DisposeAsync();
        }

        internal Task ResetAsync() => Client.SetLinkAsync(End, new LinkChange());

        internal async Task<(HttpStatusCode Status, string Answer)> SendAsync(
            HttpMethod method, string path, string? body = null, string type = "application/json")
        {
            using var http = new HttpClient();
            using var request = new HttpRequestMessage(method, new Uri(Api.Url, path));
            if (body is not null)
                request.Content = new StringContent(body, Encoding.UTF8, type);
            using var answer = await http.SendAsync(request);
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
        }
    }
}
