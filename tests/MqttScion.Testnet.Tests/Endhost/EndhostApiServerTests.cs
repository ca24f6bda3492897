using System.Net;
using System.Net.Http.Headers;
using MqttScion.Scion;

namespace MqttScion.Testnet.Tests;

public sealed class EndhostApiServerTests : IAsyncLifetime
{
    private static readonly IsdAs Client = IsdAs.Parse("1-ff00:0:111");
    private static readonly IsdAs Proxy = IsdAs.Parse("2-ff00:0:211");
    private static readonly IPEndPoint Router = new(IPAddress.Parse("127.1.0.1"), 30001);

    private readonly EndhostApiServerOptions _options = new()
    {
        Local = [Client],
        Routers = [new(Client, Router, [1, 2, 3]), new(Proxy, Router, [1, 2])],
    };

    private EndhostApiServer? _server;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await (_server?.DisposeAsync() ?? ValueTask.CompletedTask);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Source_gets_paths_from_new_and_old_servers(bool isOld)
    {
        _options.IsOld = isOld;
        using var source = await StartAsync();

        (await source.GetLocalAsync()).Select(each => each.IsdAs).Should().Equal(Client);
        var paths = await source.GetPathsAsync(Proxy);

        paths.Should().HaveCountGreaterThanOrEqualTo(2).And.OnlyContain(path => Router.Equals(path.NextHop));
        paths.Should().BeInAscendingOrder(path => path.Hops.Count);
        source.RejectedSegments.Should().Be(0);
    }

    [Fact]
    public async Task Source_reads_all_pages()
    {
        using var whole = await StartAsync();
        var expected = await whole.GetPathsAsync(Proxy);
        await DisposeAsync();
        _options.MaxPageSize = 1;
        using var source = await StartAsync();

        (await source.GetPathsAsync(Proxy)).Should().Equal(expected);
    }

    [Fact]
    public async Task Source_without_the_token_is_refused_and_with_it_served()
    {
        _options.Token = "a-token";
        using (var source = await StartAsync())
        {
            var call = () => source.GetLocalAsync();
            (await call.Should().ThrowAsync<PathLookupException>())
                .Which.Message.Should().Contain("unauthenticated (HTTP 401)").And.Contain("none is set");
        }
        using var allowed = new EndhostApiPathSource(new() { Url = _server!.Url, Token = "a-token" });
        (await allowed.GetLocalAsync()).Select(each => each.IsdAs).Should().Equal(Client);
    }

    [Fact]
    public async Task Source_asking_from_an_AS_that_is_not_local_is_refused()
    {
        using var source = await StartAsync();
        var call = () => source.GetPathsAsync(Client, source: Proxy);
        var failure = (await call.Should().ThrowAsync<PathLookupException>()).Which;
        failure.Code.Should().Be("invalid_argument");
        failure.Message.Should().Contain("2-ff00:0:211 is not a local AS");
    }

    [Fact]
    public async Task Source_of_a_stopped_server_says_that_it_is_unreachable()
    {
        using var source = await StartAsync();
        await DisposeAsync();
        var call = () => source.GetLocalAsync();
        (await call.Should().ThrowAsync<PathLookupException>()).Which.Message.Should().Contain("can't be reached");
    }

    [Theory]
    [InlineData("application/json", new byte[0], HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/proto; charset=utf-8", new byte[0], HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/proto", new byte[] { 0xff }, HttpStatusCode.BadRequest)]
    public async Task Server_request_of_another_form_gets_an_error_in_json(
        string contentType, byte[] body, HttpStatusCode expected)
    {
        using var source = await StartAsync();
        using var http = new HttpClient();
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);

        var url = new Uri(_server!.Url, "scion.endhost.v1.UnderlayService/ListUnderlays");
        using var answer = await http.PostAsync(url, content);

        answer.StatusCode.Should().Be(expected);
        (await answer.Content.ReadAsStringAsync()).Should().StartWith("{\"code\":");
    }

    private async Task<EndhostApiPathSource> StartAsync()
    {
        _server = await EndhostApiServer.StartAsync(_options, new(Topology.Default, new ForwardingKeys("seed"u8)));
        return new EndhostApiPathSource(new EndhostApiOptions { Url = _server.Url });
    }
}
