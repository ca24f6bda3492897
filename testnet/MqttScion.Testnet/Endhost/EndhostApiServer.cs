using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using MqttScion.Scion;
using Protobuf = MqttScion.Scion.Protobuf;

namespace MqttScion.Testnet;

/// <summary>An endhost API over HTTP: border routers and path segments, as Connect calls with protobuf.</summary>
public sealed class EndhostApiServer : IAsyncDisposable
{
    private const string MediaType = "application/proto";

    private readonly EndhostApiServerOptions _options;
    private readonly SegmentFactory _segments;
    private WebApplication _application = null!;

    private EndhostApiServer(EndhostApiServerOptions options, SegmentFactory segments)
    {
        _options = options;
        _segments = segments;
    }

    /// <summary>The base address, for <see cref="EndhostApiOptions.Url"/>.</summary>
    public Uri Url => new(_application.Urls.First());

    /// <summary>Starts a server; it answers when the task ends.</summary>
    /// <exception cref="IOException">The address is in use.</exception>
    public static async Task<EndhostApiServer> StartAsync(
        EndhostApiServerOptions options,
        SegmentFactory segments,
        CancellationToken cancellationToken = default)
    {
        var server = new EndhostApiServer(options, segments);
        server._application = await KestrelHost
            .StartAsync(options.Listen, HttpProtocols.Http1AndHttp2, server.Map, cancellationToken)
            .ConfigureAwait(false);
        return server;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private void Map(WebApplication application)
    {
        application.MapPost(
            "/scion.endhost.v1.UnderlayService/ListUnderlays",
            Handle(Protobuf.ListUnderlaysRequest.Parser, ListUnderlays));
        application.MapPost(
            "/scion.endhost.v1.PathService/ListPaths",
            Handle(Protobuf.ListSegmentsRequest.Parser, ListSegments));
        if (!_options.IsOld)
        {
            application.MapPost(
                "/scion.endhost.v1.SegmentsService/ListSegments",
                Handle(Protobuf.ListSegmentsRequest.Parser, ListSegments));
        }
    }

    private RequestDelegate Handle<TRequest>(MessageParser<TRequest> parser, Func<TRequest, IMessage> answer)
        where TRequest : IMessage<TRequest> => async context =>
    {
        try
        {
            Check(context.Request);
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted).ConfigureAwait(false);
            var reply = answer(parser.ParseFrom(body.ToArray())).ToByteArray();
            context.Response.ContentType = MediaType;
            await context.Response.Body.WriteAsync(reply, context.RequestAborted).ConfigureAwait(false);
        }
        catch (EndhostApiFault fault)
        {
            await WriteAsync(context.Response, fault).ConfigureAwait(false);
        }
        catch (InvalidProtocolBufferException e)
        {
            await WriteAsync(context.Response, new(400, "invalid_argument", e.Message)).ConfigureAwait(false);
        }
    };

    private void Check(HttpRequest request)
    {
        if (request.ContentType != MediaType)
        {
            throw new EndhostApiFault(
                StatusCodes.Status415UnsupportedMediaType, "unknown", $"the content type must be {MediaType}");
        }
        var shown = Encoding.UTF8.GetBytes(request.Headers.Authorization.ToString());
        if (_options.Token is { } token
            && !CryptographicOperations.FixedTimeEquals(shown, Encoding.UTF8.GetBytes($"Bearer {token}")))
        {
            throw new EndhostApiFault(
                StatusCodes.Status401Unauthorized, "unauthenticated", "a valid bearer token is needed");
        }
    }

    private Protobuf.ListUnderlaysResponse ListUnderlays(Protobuf.ListUnderlaysRequest request)
    {
        var answer = new Protobuf.ListUnderlaysResponse { Udp = new Protobuf.UdpUnderlay() };
        foreach (var router in _options.Routers)
        {
            if (_options.Local.Contains(router.IsdAs)
                && (request.IsdAs == 0 || request.IsdAs == router.IsdAs.Value))
            {
                answer.Udp.Routers.Add(new Protobuf.Router
                {
                    IsdAs = router.IsdAs.Value,
                    Address = router.Address.ToString(),
                    Interfaces = { router.Interfaces.Select(id => (uint)id) },
                });
            }
        }
        return answer;
    }

    private Protobuf.ListSegmentsResponse ListSegments(Protobuf.ListSegmentsRequest request)
    {
        var (source, destination) = (new IsdAs(request.SrcIsdAs), new IsdAs(request.DstIsdAs));
        if (!_options.Local.Contains(source))
        {
            throw new EndhostApiFault(
                StatusCodes.Status400BadRequest, "invalid_argument", $"{source} is not a local AS of this API");
        }
        return Page(_segments.Segments(source, destination), request);
    }

    /// <summary>Cuts a page out of the answer; the token is the number of segments already given.</summary>
    private Protobuf.ListSegmentsResponse Page(
        Protobuf.ListSegmentsResponse all,
        Protobuf.ListSegmentsRequest request)
    {
        var size = Math.Min(request.PageSize > 0 ? request.PageSize : int.MaxValue, _options.MaxPageSize);
        if (!int.TryParse(request.PageToken, NumberStyles.None, CultureInfo.InvariantCulture, out var skip)
            && request.PageToken.Length > 0)
        {
            throw new EndhostApiFault(
                StatusCodes.Status400BadRequest, "invalid_argument", "the page token is not one of this API");
        }
        var page = new Protobuf.ListSegmentsResponse();
        var kinds = new[]
        {
            (From: all.UpSegments, To: page.UpSegments),
            (From: all.CoreSegments, To: page.CoreSegments),
            (From: all.DownSegments, To: page.DownSegments),
        };
        var segments = kinds.SelectMany(kind => kind.From.Select(segment => (kind.To, segment))).ToList();
        foreach (var (to, segment) in segments.Skip(skip).Take(size))
        {
            to.Add(segment);
        }
        if ((long)skip + size < segments.Count)
        {
            page.NextPageToken = (skip + size).ToString(CultureInfo.InvariantCulture);
        }
        return page;
    }

    private static Task WriteAsync(HttpResponse response, EndhostApiFault fault)
    {
        response.StatusCode = fault.Status;
        return response.WriteAsJsonAsync(new Dictionary<string, string>
        {
            ["code"] = fault.Code,
            ["message"] = fault.Message,
        });
    }

    /// <summary>An error answer in Connect's form.</summary>
    private sealed class EndhostApiFault(int status, string code, string message) : Exception(message)
    {
        public int Status { get; } = status;

        public string Code { get; } = code;
    }
}
