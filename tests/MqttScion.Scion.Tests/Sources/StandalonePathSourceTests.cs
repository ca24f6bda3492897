using System.Net;
using System.Text;

namespace MqttScion.Scion.Tests;

public sealed class StandalonePathSourceTests
{
    private static readonly IsdAs Core = IsdAs.Parse("1-ff00:0:110");
    private static readonly IsdAs Leaf = IsdAs.Parse("1-ff00:0:111");
    private static readonly IsdAs FarCore = IsdAs.Parse("2-ff00:0:210");
    private static readonly IsdAs FarLeaf = IsdAs.Parse("2-ff00:0:211");

    private static readonly Protobuf.PathSegment Up = TestSegments.Of((Core, 0, 3), (Leaf, 1, 0));
    private static readonly Protobuf.PathSegment Middle = TestSegments.Of((FarCore, 0, 1), (Core, 1, 0));
    private static readonly Protobuf.PathSegment Down = TestSegments.Of((FarCore, 0, 3), (FarLeaf, 1, 0));

    private readonly VirtualTime _time = new();
    private readonly List<(string From, string To)> _asked = [];

    [Fact]
    public async Task GetPaths_asks_for_up_core_and_down_segments_in_turn()
    {
        using var source = Source(Server());

        var path = (await source.GetPathsAsync(FarLeaf)).Should().ContainSingle().Subject;

        path.ToString().Should().Be("1-ff00:0:111 1>3 1-ff00:0:110 1>1 2-ff00:0:210 3>1 2-ff00:0:211");
        path.NextHop.Should().Be(new IPEndPoint(IPAddress.Loopback, 30001));
        _asked.Should().Equal(("1-ff00:0:111", "1-0"), ("1-0", "2-0"), ("2-0", "2-ff00:0:211"));
    }

    [Fact]
    public async Task GetPaths_from_a_core_AS_asks_for_no_up_segments()
    {
        using var source = Source(Server(Topology(Core, isCore: true, interfaceId: 1)));
        (await source.GetPathsAsync(FarLeaf)).Should().ContainSingle();
        _asked.Should().Equal(("1-ff00:0:110", "2-0"), ("2-0", "2-ff00:0:211"));
    }

    [Fact]
    public async Task GetPaths_to_a_core_AS_asks_for_no_down_segments()
    {
        using var source = Source(Server());
        (await source.GetPathsAsync(FarCore)).Should().ContainSingle();
        (await source.GetPathsAsync(Core)).Should().ContainSingle();
        _asked.Should().Equal(
            ("1-ff00:0:111", "1-0"), ("1-0", "2-0"), ("1-ff00:0:111", "1-0"), ("1-0", "1-0"));
    }

    [Fact]
    public async Task GetPaths_to_the_own_AS_asks_nobody()
    {
        using var source = Source(Server());
        var path = (await source.GetPathsAsync(Leaf)).Should().ContainSingle().Subject;
        (path.IsLocal, path.Mtu).Should().Be((true, 1472));
        _asked.Should().BeEmpty();
    }

    [Fact]
    public async Task GetPaths_from_another_AS_is_an_error()
    {
        using var source = Source(Server());
        var call = () => source.GetPathsAsync(FarLeaf, source: Core);
        (await call.Should().ThrowAsync<PathLookupException>())
            .WithMessage("*is of 1-ff00:0:111; it can't give paths from 1-ff00:0:110.");
    }

    [Fact]
    public async Task GetPaths_tries_the_control_services_in_turn_and_stays_with_the_one_that_answers()
    {
        var asked = new List<int>();
        var handler = Server(Topology(Leaf, services: [1, 2, 3]));
        handler.On("Segments", body =>
        {
            asked.Add(handler.Last!.RequestUri!.Port);
            return handler.Last.RequestUri.Port < 3
                ? throw new HttpRequestException("Connection refused")
                : ScriptedHandler.Grpc(ScriptedHandler.Frame(Answer(Request(body))));
        });
        using var source = Source(handler);

        (await source.GetPathsAsync(FarLeaf)).Should().ContainSingle();
        (await source.GetPathsAsync(FarLeaf)).Should().ContainSingle();

        asked.Should().Equal(1, 2, 3, 3, 3, 3, 3, 3);
        source.SkippedControlServices.Should().Be(2);
    }

    [Fact]
    public async Task GetPaths_without_any_control_service_that_answers_tells_the_last_fault()
    {
        var handler = Server(Topology(Leaf, services: [1, 2, 3, 4, 5, 6]))
            .On("Segments", _ => throw new HttpRequestException("Connection refused"));
        using var source = Source(handler);
        (await Failure(source)).Message.Should().StartWith("The control service at http://127.0.0.1:4/").And.Contain(
            "can't be reached: Connection refused");
        source.SkippedControlServices.Should().Be(3);
    }

    [Fact]
    public async Task GetPaths_topology_without_control_service_is_an_error()
    {
        using var source = Source(Server(Topology(Leaf, services: [])));
        (await Failure(source)).Message.Should().Be(
            "The topology at http://127.0.0.1:8041/topology names no control service.");
    }

    [Fact]
    public async Task GetPaths_interface_without_border_router_is_an_error_that_names_it()
    {
        using var source = Source(Server(Topology(Leaf, interfaceId: 9)));
        (await Failure(source)).Message.Should().Contain("names no border router for 1-ff00:0:111#1");
    }

    [Fact]
    public async Task GetPaths_only_faulty_segments_is_an_error_that_says_why()
    {
        var answer = new Protobuf.SegmentsResponse
        {
            Segments =
            {
                [7] = new() { Segments_ = { Up } },
                [1] = new() { Segments_ = { new Protobuf.PathSegment() } },
            },
        };
        using var source = Source(Server().OnGrpc("Segments", answer));

        (await Failure(source)).Message.Should().Contain("only segments that break the rules");
        source.RejectedSegments.Should().Be(6);
    }

    [Fact]
    public async Task GetPaths_refusal_of_the_control_service_carries_its_code()
    {
        using var source = Source(Server().On("Segments", _ => ScriptedHandler.GrpcRefusal("3", "bad")));
        (await Failure(source)).Code.Should().Be("invalid_argument");
    }

    [Fact]
    public async Task GetLocal_topology_that_cannot_be_fetched_again_stays_in_use()
    {
        var handler = Server();
        using var source = Source(handler);
        await source.GetLocalAsync();

        handler.On("topology", _ => ScriptedHandler.Ok("no topology"u8.ToArray()));
        _time.Advance(TimeSpan.FromSeconds(600));

        (await source.GetLocalAsync())[0].IsdAs.Should().Be(Leaf);
        source.FailedRefreshes.Should().Be(1);
    }

    [Fact]
    public async Task GetLocal_topology_from_a_file_that_is_missing_or_faulty_is_an_error_that_names_it()
    {
        var file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        using var source = new StandalonePathSource(new() { TopologyFile = file, MaxAnswerBytes = 1024 }, _time);
        (await Failure(source)).Message.Should().Contain($"topology file {file} can't be read");
        try
        {
            await File.WriteAllTextAsync(file, """{ "isd_as": 7 }""");
            (await Failure(source)).Message.Should().Contain(file).And.Contain("$.isd_as is 7; expected a text");
            await File.WriteAllBytesAsync(file, new byte[1025]);
            (await Failure(source)).Message.Should().Contain("more than 1024 bytes");
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData(null, null, "none is")]
    [InlineData("topology.json", "http://127.0.0.1:8041", "both are")]
    [InlineData(null, "ftp://127.0.0.1:8041", "needs an http or https address")]
    public void Source_without_exactly_one_topology_is_refused(string? file, string? url, string fault)
    {
        var server = url is null ? null : new Uri(url);
        var options = new StandaloneOptions { TopologyFile = file, BootstrapServer = server };
        var make = () => new StandalonePathSource(options);
        make.Should().Throw<ArgumentException>().WithMessage($"*{fault}*");
    }

    private StandalonePathSource Source(ScriptedHandler handler) =>
        new(new StandaloneOptions { BootstrapServer = new Uri("http://127.0.0.1:8041") }, _time, handler);

    private static async Task<PathLookupException> Failure(StandalonePathSource source)
    {
        var call = () => source.GetPathsAsync(FarLeaf);
        return (await call.Should().ThrowAsync<PathLookupException>()).Which;
    }

    private ScriptedHandler Server(string? topology = null) => new ScriptedHandler()
        .On("topology", _ => ScriptedHandler.Ok(Encoding.UTF8.GetBytes(topology ?? Topology(Leaf)), "text/plain"))
        .OnGrpc("Segments", Protobuf.SegmentsRequest.Parser, request =>
        {
            _asked.Add((new IsdAs(request.SrcIsdAs).ToString(), new IsdAs(request.DstIsdAs).ToString()));
            return Answer(request);
        });

    private static Protobuf.SegmentsRequest Request(byte[] body) =>
        Protobuf.SegmentsRequest.Parser.ParseFrom(body.AsSpan(5));

    private static Protobuf.SegmentsResponse Answer(Protobuf.SegmentsRequest request)
    {
        var destination = new IsdAs(request.DstIsdAs);
        var (type, segments) = (new IsdAs(request.SrcIsdAs).As, destination) switch
        {
            (_, { Isd: 2, As: 0 }) => (3, [Middle]),
            (0, { As: 0 }) => (3, []),
            (0, _) => (2, [Down]),
            _ => (1, new[] { Up }),
        };
        return new() { Segments = { [type] = new() { Segments_ = { segments } } } };
    }

    private static string Topology(
        IsdAs isdAs, bool isCore = false, int interfaceId = 1, int[]? services = null) => $$"""
        {
          "isd_as": "{{isdAs}}", "mtu": 1472, "attributes": [{{(isCore ? "\"core\"" : "")}}],
          "control_service": {
            {{string.Join(',', (services ?? [1]).Select(port => $$"""
              "cs{{port}}": { "addr": "127.0.0.1:{{port}}" }
            """))}} },
          "border_routers": { "br1": { "internal_addr": "127.0.0.1:30001", "interfaces": { "{{interfaceId}}": {} } } }
        }
        """;
}
