using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;

namespace MqttScion.Scion.Tests;

/// <summary>A server without a network: answers each call by the last part of its address.</summary>
internal sealed class ScriptedHandler : HttpMessageHandler
{
    private readonly Dictionary<string, Func<byte[], HttpResponseMessage>> _answers = [];

    /// <summary>The calls made, in order.</summary>
    public List<(string Method, string? Authorization, string? ContentType, byte[] Body)> Calls { get; } = [];

    /// <summary>The last request, with its headers.</summary>
    public HttpRequestMessage? Last { get; private set; }

    /// <summary>What a call waits for before it is answered.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public ScriptedHandler Off(string method)
    {
        _answers.Remove(method);
        return this;
    }

    public ScriptedHandler On(string method, Func<byte[], HttpResponseMessage> answer)
    {
        _answers[method] = answer;
        return this;
    }

    public ScriptedHandler On(string method, IMessage answer) => On(method, _ => Ok(answer.ToByteArray()));

    public ScriptedHandler OnGrpc(string method, IMessage answer) => On(method, _ => Grpc(Frame(answer)));

    public ScriptedHandler OnGrpc<TRequest>(
        string method, MessageParser<TRequest> parser, Func<TRequest, IMessage> answer)
        where TRequest : IMessage<TRequest> =>
        On(method, body => Grpc(Frame(answer(parser.ParseFrom(body.AsSpan(5))))));

    public static HttpResponseMessage Ok(byte[] body, string contentType = "application/proto") =>
        new(HttpStatusCode.OK)
        {
            Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(contentType) } },
        };

    public static HttpResponseMessage Error(int status, string body) =>
        new((HttpStatusCode)status) { Content = new StringContent(body) };

    /// <summary>An answer in gRPC, with the status in its trailers.</summary>
    public static HttpResponseMessage Grpc(byte[] body, string? status = "0")
    {
        var response = Ok(body, "application/grpc");
        if (status is not null)
        {
            response.TrailingHeaders.Add("grpc-status", status);
        }
        return response;
    }

    /// <summary>A refusal in gRPC: no body, the status among the headers.</summary>
    public static HttpResponseMessage GrpcRefusal(string status, string message)
    {
        var response = Grpc([], status: null);
        response.Headers.Add("grpc-status", status);
        response.Headers.Add("grpc-message", message);
        return response;
    }

    public static byte[] Frame(IMessage message)
    {
        var body = message.ToByteArray();
        var frame = new byte[5 + body.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), body.Length);
        body.CopyTo(frame, 5);
        return frame;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken token)
    {
        var method = request.RequestUri!.Segments[^1];
        var body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(token);
        Last = request;
        lock (Calls)
        {
            Calls.Add((
                method,
                request.Headers.Authorization?.ToString(),
                request.Content?.Headers.ContentType?.ToString(),
                body));
        }
        await Gate.WaitAsync(token);
        return _answers.TryGetValue(method, out var answer) ? answer(body) : Error(404, "no such procedure");
    }
}
