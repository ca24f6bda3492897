using System.Net;

namespace MqttScion.Scion.Tests;

public sealed class GrpcClientTests
{
    private static readonly Uri Server = new("http://127.0.0.1:30255");
    private static readonly Protobuf.Daemon.ASResponse Answer = new() { IsdAs = 0x1_ff00_0000_0110, Mtu = 1472 };

    [Fact]
    public async Task Call_is_framed_and_marked_as_gRPC()
    {
        var handler = new ScriptedHandler().OnGrpc("AS", Answer);

        (await CallAsync(handler, new() { IsdAs = 7 })).Should().Be(Answer);

        handler.Calls[0].Body.Should().Equal(0, 0, 0, 0, 2, 8, 7);
        handler.Calls[0].ContentType.Should().Be("application/grpc");
        var request = handler.Last!;
        (request.Version, request.VersionPolicy)
            .Should().Be((HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact));
        request.RequestUri.Should().Be("http://127.0.0.1:30255/proto.daemon.v1.DaemonService/AS");
        request.Headers.TE.ToString().Should().Be("trailers");
        request.Headers.GetValues("grpc-timeout").Should().Equal("10000m");
    }

    [Fact]
    public async Task Call_answered_with_a_suffix_of_the_content_type_is_taken()
    {
        var handler = new ScriptedHandler().On("AS", _ =>
        {
            var response = ScriptedHandler.Grpc(ScriptedHandler.Frame(Answer));
            response.Content.Headers.ContentType = new("application/grpc+proto");
            return response;
        });
        (await CallAsync(handler)).Should().Be(Answer);
    }

    [Theory]
    [InlineData("5", "no%20such%20AS", "not_found", "refused with not_found (gRPC 5): no such AS")]
    [InlineData("3", "Z%C3%BCrich%", "invalid_argument", "(gRPC 3): Zürich%")]
    [InlineData("14", "line%0d%0aline", "unavailable", "(gRPC 14): line  line")]
    [InlineData("12", "", "unimplemented", "refused with unimplemented (gRPC 12).")]
    [InlineData("99", "x", "unknown", "refused with unknown (gRPC 99): x")]
    public async Task Call_refused_without_body_gives_code_and_text(
        string status, string message, string code, string text)
    {
        var handler = new ScriptedHandler().On("AS", _ => ScriptedHandler.GrpcRefusal(status, message));
        var failure = await Failure(handler);
        failure.Code.Should().Be(code);
        failure.Message.Should().Contain(text).And.StartWith("The SCION daemon at http://127.0.0.1:30255/proto.daemon");
    }

    [Fact]
    public async Task Call_refused_in_the_trailers_after_a_body_is_refused()
    {
        var frame = ScriptedHandler.Frame(Answer);
        var handler = new ScriptedHandler().On("AS", _ => ScriptedHandler.Grpc(frame, status: "13"));
        (await Failure(handler)).Code.Should().Be("internal");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("ok")]
    [InlineData("-1")]
    public async Task Call_answered_without_a_status_is_an_error(string? status)
    {
        var frame = ScriptedHandler.Frame(Answer);
        var handler = new ScriptedHandler().On("AS", _ => ScriptedHandler.Grpc(frame, status));
        (await Failure(handler)).Message.Should().Contain("ended its answer without a gRPC status");
    }

    [Theory]
    [InlineData("", "answered with 0 bytes")]
    [InlineData("00000000", "answered with 4 bytes; expected one message after 5 bytes")]
    [InlineData("0100000000", "a compressed message, which was not offered")]
    [InlineData("0000000003080a", "announced one message of 3 bytes and sent 2 bytes")]
    [InlineData("00000000020807000000000208070a", "announced one message of 2 bytes and sent 10 bytes")]
    [InlineData("00ffffffff", "announced one message of 4294967295 bytes and sent 0 bytes")]
    [InlineData("0000000002ffff", "not valid protobuf")]
    public async Task Call_answered_with_a_faulty_frame_is_an_error_that_names_it(string body, string fault)
    {
        var handler = new ScriptedHandler().On("AS", _ => ScriptedHandler.Grpc(Convert.FromHexString(body)));
        (await Failure(handler)).Message.Should().Contain(fault);
    }

    [Theory]
    [InlineData(404, "unimplemented")]
    [InlineData(401, "unauthenticated")]
    [InlineData(503, "unavailable")]
    [InlineData(418, "unknown")]
    public async Task Call_answered_by_something_that_is_not_gRPC_says_so(int status, string code)
    {
        var handler = new ScriptedHandler().On("AS", _ => ScriptedHandler.Error(status, "<html>"));
        var failure = await Failure(handler);
        failure.Code.Should().Be(code);
        failure.Message.Should().Contain($"HTTP {status} and no gRPC status");
    }

    [Fact]
    public async Task Call_answered_with_another_content_type_is_refused()
    {
        var handler = new ScriptedHandler().On("AS", _ => ScriptedHandler.Ok([], "application/json"));
        (await Failure(handler)).Message.Should().Contain("'application/json'; expected application/grpc");
    }

    [Fact]
    public async Task Call_answered_with_more_than_the_bound_is_refused()
    {
        var handler = new ScriptedHandler().On("AS", _ => ScriptedHandler.Grpc(new byte[1025]));
        (await Failure(handler)).Message.Should().Contain("more than 1024 bytes");
    }

    [Fact]
    public async Task Call_answer_cut_at_every_length_or_altered_fails_only_as_a_look_up()
    {
        var whole = ScriptedHandler.Frame(Answer);
        var hostile = Enumerable.Range(0, whole.Length).Select(length => whole[..length])
            .Concat(Enumerable.Range(0, whole.Length * 8).Select(bit =>
            {
                var altered = (byte[])whole.Clone();
                altered[bit / 8] ^= (byte)(1 << bit % 8);
                return altered;
            }));
        var refused = 0;
        foreach (var body in hostile)
        {
            try
            {
                (await CallAsync(new ScriptedHandler().On("AS", _ => ScriptedHandler.Grpc(body)))).Should().NotBeNull();
            }
            catch (PathLookupException)
            {
                refused++;
            }
        }
        refused.Should().BeGreaterThan(whole.Length);
    }

    private static async Task<PathLookupException> Failure(ScriptedHandler handler)
    {
        var call = () => CallAsync(handler);
        return (await call.Should().ThrowAsync<PathLookupException>()).Which;
    }

    private static async Task<Protobuf.Daemon.ASResponse> CallAsync(
        ScriptedHandler handler, Protobuf.Daemon.ASRequest? request = null)
    {
        using var client = new GrpcClient(
            "The SCION daemon", TimeSpan.FromSeconds(10), 1024, TimeProvider.System, handler);
        return await client.CallAsync(
            Server,
            "proto.daemon.v1.DaemonService/AS",
            request ?? new Protobuf.Daemon.ASRequest(),
            Protobuf.Daemon.ASResponse.Parser,
            default);
    }
}
