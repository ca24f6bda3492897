using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using HttpProtocols = Microsoft.AspNetCore.Server.Kestrel.Core.HttpProtocols;

namespace MqttScion.Testnet;

/// <summary>Shows and changes the links of a running network over HTTP, in JSON.</summary>
/// <remarks>
/// <c>GET /links</c>; <c>GET</c>, <c>PATCH</c> (changes what is given) and <c>PUT</c> (resets the rest)
/// <c>/links/{end}</c>, with the <c>#</c> of the end as <c>%23</c>; <c>GET /topology</c>. Errors have the form
/// <c>{"error":"…"}</c>. There is no authentication: it is for loopback, and takes only requests that a web page in a
/// browser cannot make.
/// </remarks>
public sealed class ControlApi : IAsyncDisposable
{
    private const string Known = "GET /links, GET, PATCH or PUT /links/{end}, or GET /topology";

    private readonly EmulatedNetwork _network;
    private WebApplication _application = null!;

    private ControlApi(EmulatedNetwork network) => _network = network;

    /// <summary>The base address.</summary>
    public Uri Url => new(_application.Urls.First());

    /// <summary>Starts a server; it answers when the task ends.</summary>
    /// <param name="network">The network.</param>
    /// <param name="listen">The address to listen on; null for 127.0.0.1 with a port that the system chooses.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="IOException">The address is in use.</exception>
    public static async Task<ControlApi> StartAsync(
        EmulatedNetwork network, IPEndPoint? listen = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        var api = new ControlApi(network);
        api._application = await KestrelHost
            .StartAsync(listen ?? new(IPAddress.Loopback, 0), HttpProtocols.Http1, api.Map, cancellationToken)
            .ConfigureAwait(false);
        return api;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private void Map(WebApplication application)
    {
        application.MapGet("/links", (RequestDelegate)(context => WriteAsync(context, 200, WriteLinks)));
        application.MapGet("/links/{end}", (RequestDelegate)GetLinkAsync);
        application.MapPatch("/links/{end}", (RequestDelegate)(context => SetLinkAsync(context, replaces: false)));
        application.MapPut("/links/{end}", (RequestDelegate)(context => SetLinkAsync(context, replaces: true)));
        application.MapGet(
            "/topology",
            (RequestDelegate)(context => WriteAsync(context, 200, json => NetworkJson.Write(json, _network))));
        application.MapFallback("{**path}", context => RefuseAsync(
            context, 404, $"{context.Request.Method} {context.Request.Path}: unknown; expected {Known}"));
    }

    private Task GetLinkAsync(HttpContext context) => FindLink(context, out _) is { } link
        ? WriteAsync(context, 200, json => LinkJson.Write(json, LinkStatus.Of(link)))
        : RefuseUnknownAsync(context);

    private async Task SetLinkAsync(HttpContext context, bool replaces)
    {
        if (FindLink(context, out var end) is not { } link)
        {
            await RefuseUnknownAsync(context).ConfigureAwait(false);
            return;
        }
        if (!context.Request.HasJsonContentType())
        {
            await RefuseAsync(context, 415, "expected the content type application/json").ConfigureAwait(false);
            return;
        }
        try
        {
            using var body = await JsonDocument
                .ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted)
                .ConfigureAwait(false);
            if (!LinkChange.TryRead(body.RootElement, out var change, out var error))
            {
                await RefuseAsync(context, 400, error).ConfigureAwait(false);
                return;
            }
            link.Change(end, change.Directions, before => change.ApplyTo(replaces ? LinkConditions.Perfect : before));
            await GetLinkAsync(context).ConfigureAwait(false);
        }
        catch (JsonException e)
        {
            await RefuseAsync(context, 400, $"not JSON: {e.Message}").ConfigureAwait(false);
        }
        catch (BadHttpRequestException e)
        {
            await RefuseAsync(context, e.StatusCode, e.Message).ConfigureAwait(false);
        }
    }

    private EmulatedLink? FindLink(HttpContext context, out string end)
    {
        var name = end = (string?)context.GetRouteValue("end") ?? "";
        return _network.Links.FirstOrDefault(link => link.A == name || link.B == name);
    }

    private static Task RefuseUnknownAsync(HttpContext context) => RefuseAsync(
        context,
        404,
        $"no link ends at '{context.GetRouteValue("end")}'; expected an end such as 1-ff00:0:110%231, see GET /links");

    private void WriteLinks(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("links");
        foreach (var link in _network.Links)
            LinkJson.Write(writer, LinkStatus.Of(link));
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static Task RefuseAsync(HttpContext context, int status, string error)
    {
        return WriteAsync(context, status, json =>
        {
            json.WriteStartObject();
            json.WriteString("error", error);
            json.WriteEndObject();
        });
    }

    private static async Task WriteAsync(HttpContext context, int status, Action<Utf8JsonWriter> write)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        using var body = new MemoryStream();
        using (var writer = new Utf8JsonWriter(body))
        {
            write(writer);
        }
        body.Position = 0;
        await body.CopyToAsync(context.Response.Body, context.RequestAborted).ConfigureAwait(false);
    }
}
