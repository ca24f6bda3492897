using System.Net.Sockets;
using System.Text;

namespace MqttScion.Scion.Tests;

/// <summary>Servers on real sockets that answer with anything but what they should.</summary>
public sealed class HostileServerTests
{
    /// <summary>Which of them depends on whether the answer or the end of the connection is noticed first.</summary>
    private const string NoHttp2 = "gave no answer that can be used|did not complete the HTTP/2 handshake";

    private static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(4);

    private static readonly Dictionary<string, Func<NetworkStream, CancellationToken, Task>> Servers = new()
    {
        ["silent"] = (_, token) => Task.Delay(System.Threading.Timeout.Infinite, token),
        ["closing"] = (_, _) => Task.CompletedTask,
        ["not HTTP"] = (stream, token) => Send(stream, "SSH-2.0-OpenSSH_9.0\r\n", token),
        ["cut"] = (stream, token) => Send(
            stream, "HTTP/1.1 200 OK\r\nContent-Type: application/proto\r\nContent-Length: 9\r\n\r\n1234", token),
        ["100 MB announced"] = (stream, token) => Send(
            stream, "HTTP/1.1 200 OK\r\nContent-Type: application/proto\r\nContent-Length: 104857600\r\n\r\n", token),
        ["endless body"] = (stream, token) => Repeat(
            stream,
            "HTTP/1.1 200 OK\r\nContent-Type: application/proto\r\nTransfer-Encoding: chunked\r\n\r\n",
            $"8000\r\n{new string('x', 0x8000)}\r\n",
            TimeSpan.Zero,
            token),
        ["endless headers"] = (stream, token) => Repeat(
            stream, "HTTP/1.1 200 OK\r\n", $"X-{new string('x', 1000)}: y\r\n", TimeSpan.Zero, token),
        ["slow headers"] = (stream, token) => Repeat(
            stream, "HTTP/1.1 200 OK\r\n", "X: y\r\n", TimeSpan.FromMilliseconds(20), token),
        ["slow body"] = (stream, token) => Repeat(
            stream,
            "HTTP/1.1 200 OK\r\nContent-Type: application/proto\r\nContent-Length: 100000\r\n\r\n",
            "x",
            TimeSpan.FromMilliseconds(20),
            token),
        ["slow error"] = (stream, token) => Repeat(
            stream, "HTTP/1.1 500 No\r\nContent-Length: 100000\r\n\r\n", "x", TimeSpan.FromMilliseconds(20), token),
        ["HTML"] = (stream, token) => Send(
            stream,
            "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 12\r\n\r\n<html></html",
            token),
        ["half a surrogate"] = (stream, token) => Send(
            stream,
            "HTTP/1.1 500 No\r\nContent-Type: application/json\r\nContent-Length: 17\r\n\r\n{\"code\":\"\\ud800\"}",
            token),
        ["no UTF-8"] = (stream, token) => stream.WriteAsync(
            Encoding.Latin1.GetBytes("HTTP/1.1 500 No\r\nContent-Length: 15\r\n\r\n{\"message\":\"\u00ff\"}"),
            token).AsTask(),
        ["HTML as success"] = (stream, token) => Send(
            stream, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>", token),
        ["redirect"] = (stream, token) => Send(
            stream, "HTTP/1.1 307 No\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n", token),
    };

    [Theory]
    [InlineData("silent", "gave no answer within 0.4 s")]
    [InlineData("closing", "gave no answer that can be used")]
    [InlineData("not HTTP", "gave no answer that can be used")]
    [InlineData("cut", "gave no answer that can be used")]
    [InlineData("100 MB announced", "more than 4194304 bytes")]
    [InlineData("endless body", "more than 4194304 bytes")]
    [InlineData("endless headers", "gave no answer that can be used")]
    [InlineData("slow headers", "gave no answer within 0.4 s")]
    [InlineData("slow body", "gave no answer within 0.4 s")]
    [InlineData("slow error", "gave no answer within 0.4 s")]
    [InlineData("HTML", "unavailable (HTTP 502): an HTML page instead of an error")]
    [InlineData("half a surrogate", "refused with internal (HTTP 500)")]
    [InlineData("no UTF-8", "refused with internal (HTTP 500)")]
    [InlineData("HTML as success", "content type 'text/html'; expected application/proto")]
    [InlineData("redirect", "redirects to http://192.0.2.1/ (HTTP 307); redirects are not followed")]
    public async Task Endhost_API_that_misbehaves_is_named_with_its_fault(string server, string fault)
    {
        await using var raw = new RawServer(Servers[server]);
        using var source = new EndhostApiPathSource(new() { Url = raw.Url, Timeout = TimeoutFor(server) });

        var failure = await Failure(source);

        failure.Message.Should().StartWith($"The endhost API at {raw.Url}").And.Contain(fault);
        failure.Message.Length.Should().BeLessThan(600);
    }

    [Theory]
    [InlineData("silent", "gave no answer within 0\\.4 s")]
    [InlineData("closing", NoHttp2)]
    [InlineData("not HTTP", NoHttp2)]
    [InlineData("endless headers", NoHttp2)]
    [InlineData("HTML", NoHttp2)]
    public async Task Daemon_address_where_something_else_listens_is_named_with_the_fault(string server, string fault)
    {
        await using var raw = new RawServer(Servers[server]);
        using var source = new DaemonPathSource(new() { Url = raw.Url, Timeout = TimeoutFor(server) });

        (await Failure(source)).Message.Should().StartWith($"The SCION daemon at {raw.Url}").And.MatchRegex(fault);
    }

    [Theory]
    [InlineData("slow body", "gave no answer within 0.4 s")]
    [InlineData("endless body", "more than 4194304 bytes")]
    [InlineData("HTML as success", "can't be used: it is not JSON")]
    [InlineData("HTML", "refused with unavailable (HTTP 502)")]
    [InlineData("half a surrogate", "refused with internal (HTTP 500)")]
    public async Task Bootstrap_server_that_misbehaves_is_named_with_its_fault(string server, string fault)
    {
        await using var raw = new RawServer(Servers[server]);
        using var source = new StandalonePathSource(new() { BootstrapServer = raw.Url, Timeout = TimeoutFor(server) });

        (await Failure(source)).Message.Should().Contain($"{raw.Url}topology").And.Contain(fault);
    }

    [Fact]
    public async Task Daemon_that_is_not_running_is_named()
    {
        var raw = new RawServer(Servers["closing"]);
        await raw.DisposeAsync();
        using var source = new DaemonPathSource(new() { Url = raw.Url });
        (await Failure(source)).Message.Should().Contain("can't be reached").And.Contain("is it running?");
    }

    /// <summary>Short only where the server is to run into it.</summary>
    private static TimeSpan TimeoutFor(string server) =>
        server.StartsWith("slow", StringComparison.Ordinal) || server == "silent" ? Timeout : Bound;

    private static async Task<PathLookupException> Failure(IPathSource source)
    {
        var call = () => source.GetLocalAsync().WaitAsync(Bound + Timeout);
        return (await call.Should().ThrowAsync<PathLookupException>()).Which;
    }

    private static Task Send(NetworkStream stream, string text, CancellationToken token) =>
        stream.WriteAsync(Encoding.ASCII.GetBytes(text), token).AsTask();

    private static async Task Repeat(
        NetworkStream stream, string start, string part, TimeSpan pause, CancellationToken token)
    {
        await Send(stream, start, token);
        while (true)
        {
            await Send(stream, part, token);


            // The pace of the server, not a wait of the test.
            await Task.Delay(pause, token);
        }
    }
}
