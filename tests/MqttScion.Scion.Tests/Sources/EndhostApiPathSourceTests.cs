using System.Net;
using Google.Protobuf;

namespace MqttScion.Scion.Tests;

public sealed class EndhostApiPathSourceTests
{
    private static readonly IsdAs Core = IsdAs.Parse("1-ff00:0:110");
    private static readonly IsdAs Leaf = IsdAs.Parse("1-ff00:0:111");
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);

    private readonly ManualTime _time = new() { Now = Now };
    private readonly EndhostApiOptions _options = new() { Url = new Uri("http://127.0.0.1:10231") };

    [Fact]
    public async Task GetPaths_up_segment_gives_a_path_with_its_border_router()
    {
        var handler = Server(Page(up: [Segment()]));
        using var source = new EndhostApiPathSource(_options, _time, handler);

        var path = (await source.GetPathsAsync(Core)).Should().ContainSingle().Subject;

        path.ToString().Should().Be("1-ff00:0:111 2>1 1-ff00:0:110");
        path.NextHop.Should().Be(new IPEndPoint(IPAddress.Loopback, 30001));
        path.Mtu.Should().Be(1400);
        path.Expiry.Should().Be(Now.AddDays(1));
        handler.Calls.Select(call => call.Method).Should().Equal("ListUnderlays", "ListSegments");
        handler.Calls.Should().OnlyContain(call => call.ContentType == "application/proto");
        var request = Protobuf.ListSegmentsRequest.Parser.ParseFrom(handler.Calls[1].Body);
        (request.SrcIsdAs, request.DstIsdAs).Should().Be((Leaf.Value, Core.Value));
    }

    [Fact]
    public async Task GetPaths_to_the_own_AS_gives_the_local_path_without_asking_for_segments()
    {
        var handler = Server(Page());
        using var source = new EndhostApiPathSource(_options, _time, handler);

        var path = (await source.GetPathsAsync(Leaf)).Should().ContainSingle().Subject;

        path.IsLocal.Should().BeTrue();
        path.NextHop.Should().BeNull();
        handler.Calls.Should().ContainSingle();
    }

    [Fact]
    public async Task GetPaths_old_server_is_asked_by_the_old_name_and_remembered()
    {
        var handler = new ScriptedHandler().On("ListUnderlays", Underlays()).On("ListPaths", Page(up: [Segment()]));
        using var source = new EndhostApiPathSource(_options, _time, handler);

        (await source.GetPathsAsync(Core)).Should().ContainSingle();
        (await source.GetPathsAsync(Core)).Should().ContainSingle();

        handler.Calls.Select(call => call.Method)
            .Should().Equal("ListUnderlays", "ListSegments", "ListPaths", "ListPaths");
    }

    [Fact]
    public async Task GetPaths_server_that_knows_the_call_by_its_new_name_only_from_now_on_is_asked_so()
    {
        var handler = new ScriptedHandler().On("ListUnderlays", Underlays()).On("ListPaths", Page(up: [Segment()]));
        using var source = new EndhostApiPathSource(_options, _time, handler);
        await source.GetPathsAsync(Core);
        handler.Off("ListPaths").On("ListSegments", Page(up: [Segment()]));

        (await source.GetPathsAsync(Core)).Should().ContainSingle();
    }

    [Fact]
    public async Task GetPaths_from_an_AS_that_is_not_local_is_refused()
    {
        using var source = new EndhostApiPathSource(_options, _time, Server(Page()));
        var foreign = IsdAs.Parse("1-ff00:0:999");
        foreach (var destination in new[] { foreign, Core })
        {
            var call = () => source.GetPathsAsync(destination, foreign);
            (await call.Should().ThrowAsync<PathLookupException>()).Which.Code.Should().Be("invalid_argument");
        }
    }

    [Fact]
    public async Task GetLocal_callers_at_the_same_time_share_one_look_up()
    {
        var handler = Server(Page());
        var released = new TaskCompletionSource();
        handler.Gate = released.Task;
        using var source = new EndhostApiPathSource(_options, _time, handler);

        Task<IReadOnlyList<LocalAs>>[] calls = [source.GetLocalAsync(), source.GetLocalAsync()];
        released.SetResult();
        await Task.WhenAll(calls);

        handler.Calls.Should().ContainSingle();
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(+1)]
    public async Task GetLocal_wall_clock_that_is_set_does_not_change_how_long_the_table_is_used(int days)
    {
        var handler = Server(Page());
        using var source = new EndhostApiPathSource(_options, _time, handler);
        await source.GetLocalAsync();
        _time.Shift = TimeSpan.FromDays(days);
        await source.GetLocalAsync();
        handler.Calls.Should().ContainSingle();

        _time.Now += TimeSpan.FromSeconds(600);
        await source.GetLocalAsync();
        handler.Calls.Should().HaveCount(2);
    }

    [Fact]
    public void Options_with_endless_times_are_refused()
    {
        var make = () => new EndhostApiPathSource(new() { Url = _options.Url, Timeout = TimeSpan.MaxValue });
        make.Should().Throw<ArgumentException>().WithMessage("*Timeout*");
        make = () => new EndhostApiPathSource(new() { Url = _options.Url, UnderlayLifetime = TimeSpan.MaxValue });
        make.Should().Throw<ArgumentException>().WithMessage("*UnderlayLifetime*");
        var daemon = () => new DaemonPathSource(new() { LocalLifetime = TimeSpan.MaxValue });
        daemon.Should().Throw<ArgumentException>().WithMessage("*LocalLifetime*");
        var alone = () => new StandalonePathSource(new() { TopologyFile = "t", TopologyLifetime = TimeSpan.MaxValue });
        alone.Should().Throw<ArgumentException>().WithMessage("*TopologyLifetime*");
    }

    [Fact]
    public async Task GetPaths_pages_that_are_too_much_together_are_refused()
    {
        var page = Page(up: [Segment()]);
        page.UpSegments[0].AsEntries[0].Signed.Signature = ByteString.CopyFrom(new byte[1 << 20]);
        page.NextPageToken = "more";
        using var source = new EndhostApiPathSource(_options, _time, Server(page));

        var call = () => source.GetPathsAsync(Core);

        await call.Should().ThrowAsync<PathLookupException>().WithMessage("*more than 16777216 bytes in 16 pages*");
    }

    [Fact]
    public async Task GetPaths_several_pages_are_all_read()
    {
        var pages = new Queue<Protobuf.ListSegmentsResponse>([Page(next: "1"), Page(up: [Segment()])]);
        var handler = Server(Page()).On("ListSegments", _ => ScriptedHandler.Ok(pages.Dequeue().ToByteArray()));
        using var source = new EndhostApiPathSource(_options, _time, handler);

        (await source.GetPathsAsync(Core)).Should().ContainSingle();

        Protobuf.ListSegmentsRequest.Parser.ParseFrom(handler.Calls[^1].Body).PageToken.Should().Be("1");
    }

    [Fact]
    public async Task GetPaths_pages_without_end_are_refused()
    {
        using var source = new EndhostApiPathSource(_options, _time, Server(Page(next: "again")));
        (await Failure(source)).Message.Should().Contain("more than 32 pages");
    }

    [Fact]
    public async Task GetPaths_huge_page_token_is_refused_and_not_shown()
    {
        using var source = new EndhostApiPathSource(_options, _time, Server(Page(next: new string('x', 100_000))));
        var failure = await Failure(source);
        failure.Message.Should().Contain("a page token of 100000 characters; at most 4096").And.NotContain("xxxx");
    }

    [Fact]
    public async Task GetPaths_more_segments_than_the_bound_are_left_out_and_counted()
    {
        var many = Enumerable.Repeat(Segment(), 1000).ToArray();
        var pages = new Queue<Protobuf.ListSegmentsResponse>([Page(many, next: "1"), Page(many)]);
        var handler = Server(Page()).On("ListSegments", _ => ScriptedHandler.Ok(pages.Dequeue().ToByteArray()));
        using var source = new EndhostApiPathSource(_options, _time, handler);

        (await source.GetPathsAsync(Core)).Should().ContainSingle();
        source.RejectedSegments.Should().Be(2000 - 1024);
    }

    [Fact]
    public async Task GetPaths_answer_full_of_empty_segments_is_refused_by_name()
    {
        var many = Enumerable.Repeat(new Protobuf.PathSegment(), 500_000).ToArray();
        using var source = new EndhostApiPathSource(_options, _time, Server(Page(many)));

        (await Failure(source)).Message.Should().Contain("only segments that break the rules");
        source.RejectedSegments.Should().Be(500_000);
    }

    [Fact]
    public async Task GetPaths_expired_segment_gives_no_path()
    {
        var old = Now.ToUnixTimeSeconds() - 86400;
        using var source = new EndhostApiPathSource(_options, _time, Server(Page(up: [Segment(old)])));
        (await source.GetPathsAsync(Core)).Should().BeEmpty();
    }

    [Fact]
    public async Task GetPaths_faulty_segment_among_good_ones_is_left_out_and_counted()
    {
        var faulty = new Protobuf.PathSegment();
        using var source = new EndhostApiPathSource(_options, _time, Server(Page(up: [faulty, Segment()])));

        (await source.GetPathsAsync(Core)).Should().ContainSingle();
        source.RejectedSegments.Should().Be(1);
    }

    [Fact]
    public async Task GetPaths_only_faulty_segments_is_an_error_that_says_why()
    {
        using var source = new EndhostApiPathSource(_options, _time, Server(Page(up: [new Protobuf.PathSegment()])));
        (await Failure(source)).Message.Should().Contain("break the rules").And.Contain("0 entries");
    }

    [Fact]
    public async Task GetPaths_interface_without_border_router_is_an_error_that_names_it()
    {
        var handler = Server(Page(up: [Segment()])).On("ListUnderlays", Underlays(interfaceId: 9));
        using var source = new EndhostApiPathSource(_options, _time, handler);
        (await Failure(source)).Message.Should().Contain("names no border router for 1-ff00:0:111#2");
    }

    [Fact]
    public async Task GetLocal_underlays_are_asked_for_again_after_their_lifetime()
    {
        var handler = Server(Page());
        using var source = new EndhostApiPathSource(_options, _time, handler);

        (await source.GetLocalAsync()).Select(each => each.IsdAs).Should().Equal(Leaf);
        _time.Now += TimeSpan.FromSeconds(599);
        await source.GetLocalAsync();
        handler.Calls.Should().HaveCount(1);
        _time.Now += TimeSpan.FromSeconds(1);
        await source.GetLocalAsync();
        handler.Calls.Should().HaveCount(2);
    }

    [Fact]
    public async Task GetLocal_routers_that_cannot_be_asked_for_again_stay_in_use_and_are_retried()
    {
        var handler = Server(Page());
        using var source = new EndhostApiPathSource(_options, _time, handler);
        (await source.GetLocalAsync())[0].Routers.Should().Equal(
            new Dictionary<ushort, IPEndPoint> { [2] = new(IPAddress.Loopback, 30001) });

        handler.On("ListUnderlays", _ => ScriptedHandler.Error(503, ""));
        _time.Now += TimeSpan.FromSeconds(600);
        await source.GetLocalAsync();
        await source.GetLocalAsync();
        (handler.Calls.Count, source.FailedRefreshes).Should().Be((2, 1));
        _time.Now += TimeSpan.FromSeconds(10);
        await source.GetLocalAsync();
        (handler.Calls.Count, source.FailedRefreshes).Should().Be((3, 2));
    }

    [Theory]
    [InlineData("")]
    [InlineData("router.example:30001")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:99999")]
    public async Task GetLocal_router_without_usable_address_is_an_error(string address)
    {
        var handler = new ScriptedHandler().On("ListUnderlays", Underlays(address: address));
        using var source = new EndhostApiPathSource(_options, _time, handler);
        (await Failure(source)).Message.Should().Contain("names no border router with a usable address");
    }

    [Theory]
    [InlineData(400, """{"code":"invalid_argument","message":"no such AS"}""", "invalid_argument", "no such AS")]
    [InlineData(400, "plain words", "invalid_argument", "plain words")]
    [InlineData(503, "", "unavailable", "HTTP 503")]
    [InlineData(500, """{"code":7}""", "internal", "HTTP 500")]
    [InlineData(500, "[1,2", "internal", "[1,2")]
    [InlineData(302, "", "unknown", "redirects (HTTP 302); redirects are not followed")]
    [InlineData(502, "  <!DOCTYPE html><html>", "unavailable", "(HTTP 502): an HTML page instead of an error")]
    [InlineData(500, "line\r\nline\u001b[31m", "internal", "line  line [31m")]
    public async Task GetLocal_error_answer_gives_code_and_text(int status, string body, string code, string text)
    {
        var handler = new ScriptedHandler().On("ListUnderlays", _ => ScriptedHandler.Error(status, body));
        using var source = new EndhostApiPathSource(_options, _time, handler);

        var failure = await Failure(source);

        failure.Code.Should().Be(code);
        failure.Message.Should().Contain(text).And.Contain("http://127.0.0.1:10231/scion.endhost.v1.UnderlayService");
    }

    [Fact]
    public async Task GetLocal_refused_token_is_named_but_never_shown()
    {
        _options.Token = "secret-token";
        _options.Url = new Uri("http://user:secret-word@127.0.0.1:10231/api");
        var handler = new ScriptedHandler().On("ListUnderlays", _ => ScriptedHandler.Error(401, ""));
        using var source = new EndhostApiPathSource(_options, _time, handler);

        var failure = await Failure(source);

        handler.Calls[0].Authorization.Should().Be("Bearer secret-token");
        failure.ToString().Should().NotContain("secret").And.Contain("The token that is set was refused.");
        failure.Url.AbsolutePath.Should().StartWith("/api/scion.endhost.v1");
    }

    [Fact]
    public async Task GetLocal_answer_beyond_the_bound_is_refused()
    {
        _options.MaxAnswerBytes = 1024;
        var handler = new ScriptedHandler().On("ListUnderlays", _ => ScriptedHandler.Ok(new byte[1025]));
        using var source = new EndhostApiPathSource(_options, _time, handler);
        (await Failure(source)).Message.Should().Contain("more than 1024 bytes");
    }

    [Fact]
    public async Task GetLocal_answer_of_another_content_type_is_refused()
    {
        var handler = new ScriptedHandler().On("ListUnderlays", _ => ScriptedHandler.Ok([], "text/html"));
        using var source = new EndhostApiPathSource(_options, _time, handler);
        (await Failure(source)).Message.Should().Contain("'text/html'; expected application/proto");
    }

    [Fact]
    public async Task GetLocal_answer_that_is_not_protobuf_is_refused()
    {
        var handler = new ScriptedHandler().On("ListUnderlays", _ => ScriptedHandler.Ok([0xff, 0xff, 0xff]));
        using var source = new EndhostApiPathSource(_options, _time, handler);
        (await Failure(source)).Message.Should().Contain("not valid protobuf");
    }

    [Fact]
    public async Task GetLocal_answer_cut_at_every_length_or_altered_never_throws_anything_else()
    {
        var whole = Underlays().ToByteArray();
        var hostile = Enumerable.Range(0, whole.Length).Select(length => whole[..length])
            .Concat(Enumerable.Range(0, whole.Length * 8).Select(bit =>
            {
                var altered = (byte[])whole.Clone();
                altered[bit / 8] ^= (byte)(1 << bit % 8);
                return altered;
            }));
        foreach (var body in hostile)
        {
            var handler = new ScriptedHandler().On("ListUnderlays", _ => ScriptedHandler.Ok(body));
            using var source = new EndhostApiPathSource(_options, _time, handler);
            var call = async () => await source.GetLocalAsync();
            try
            {
                (await call()).Should().NotBeEmpty();
            }
            catch (PathLookupException failure)
            {
                failure.Message.Should().Contain("127.0.0.1:10231");
            }
        }
    }

    [Fact]
    public async Task GetLocal_server_that_is_another_one_is_doubted()
    {
        var handler = new ScriptedHandler()
            .On("ListUnderlays", _ => ScriptedHandler.Error(404, "<html>Not here</html>"));
        using var source = new EndhostApiPathSource(_options, _time, handler);
        (await Failure(source)).Message.Should()
            .EndWith("(HTTP 404): an HTML page instead of an error. Is this an endhost API?");
    }

    [Fact]
    public async Task GetLocal_TLS_fault_is_told_and_not_where_to_look_for_it()
    {
        var handler = new ScriptedHandler().On("ListUnderlays", _ => throw new HttpRequestException(
            "The SSL connection could not be established, see inner exception.", new IOException("bad record")));
        using var source = new EndhostApiPathSource(_options, _time, handler);
        (await Failure(source)).Message.Should().Contain("can't be reached: bad record. Is its address right");
    }

    [Fact]
    public async Task GetLocal_unreachable_server_is_named()
    {
        var handler = new ScriptedHandler()
            .On("ListUnderlays", _ => throw new HttpRequestException("Connection refused"));
        using var source = new EndhostApiPathSource(_options, _time, handler);
        (await Failure(source)).Message.Should().Contain("can't be reached: Connection refused");
    }

    [Fact]
    public async Task GetLocal_answer_that_does_not_come_in_time_is_an_error()
    {
        using var source = new EndhostApiPathSource(_options, new ImpatientTime(), new SilentHandler());
        (await Failure(source)).Message.Should().Contain("gave no answer within 10 s");
    }

    [Fact]
    public async Task GetLocal_cancelled_call_ends_as_cancelled()
    {
        using var source = new EndhostApiPathSource(_options, _time, Server(Page()));
        var call = () => source.GetLocalAsync(new CancellationToken(canceled: true));
        await call.Should().ThrowAsync<OperationCanceledException>();
    }

    [Theory]
    [InlineData("ftp://127.0.0.1")]
    [InlineData("relative")]
    [InlineData(null)]
    public void Source_address_that_is_not_http_is_refused(string? url)
    {
        _options.Url = url is null ? null : new Uri(url, UriKind.RelativeOrAbsolute);
        var make = () => new EndhostApiPathSource(_options);
        make.Should().Throw<ArgumentException>().WithMessage("*needs an http or https address*");
    }

    private static async Task<PathLookupException> Failure(EndhostApiPathSource source)
    {
        var call = () => source.GetPathsAsync(Core);
        return (await call.Should().ThrowAsync<PathLookupException>()).Which;
    }

    private static ScriptedHandler Server(Protobuf.ListSegmentsResponse segments) =>
        new ScriptedHandler().On("ListUnderlays", Underlays()).On("ListSegments", segments);

    private static Protobuf.ListUnderlaysResponse Underlays(string address = "127.0.0.1:30001", uint interfaceId = 2)
    {
        var router = new Protobuf.Router { IsdAs = Leaf.Value, Address = address, Interfaces = { interfaceId } };
        return new Protobuf.ListUnderlaysResponse { Udp = new Protobuf.UdpUnderlay { Routers = { router } } };
    }

    private static Protobuf.ListSegmentsResponse Page(Protobuf.PathSegment[]? up = null, string next = "") =>
        new() { UpSegments = { up ?? [] }, NextPageToken = next };

    private static Protobuf.PathSegment Segment(long timestamp = TestSegments.Timestamp) =>
        TestSegments.Of(timestamp, (Core, 0, 1), (Leaf, 2, 0));

    /// <summary>A server that takes a call and never answers.</summary>
    private sealed class SilentHandler : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken token)
        {
            var answer = new TaskCompletionSource<HttpResponseMessage>();
            token.Register(() => answer.SetCanceled(token));
            return answer.Task;
        }
    }

    /// <summary>A clock whose timers fire at once.</summary>
    private sealed class ImpatientTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan due, TimeSpan period) =>
            base.CreateTimer(callback, state, TimeSpan.Zero, period);
    }

    /// <summary>A clock that stands still.</summary>
    private sealed class ManualTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; }

        /// <summary>By how much the wall clock was set forward.</summary>
        public TimeSpan Shift { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => Now + Shift;

        public override long GetTimestamp() => Now.UtcTicks;
    }
}
