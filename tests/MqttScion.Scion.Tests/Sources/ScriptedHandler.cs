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

    public ScriptedHandler On(string method, Func<byte[], HttpResponseMessage> answer)
    {
        _answers[method] = answer;
        return this;
    }

    public ScriptedHandler On(string method, IMessage answer) => On(method, _ => Ok(answer.ToByteArray()));

    public static HttpResponseMessage Ok(byte[] body, string contentType = "application/proto") =>
        new(HttpStatusCode.OK)
    {
        Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(contentType) } },
    };

    public static HttpResponseMessage Error(int status, string body) =>
        new((HttpStatusCode)status) { Content = new StringContent(body) };

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken token)
    {
        var method = request.RequestUri!.Segments[^1];
        var body = await request.Content!.ReadAsByteArrayAsync(token);
        Calls.Add((
            method, request.Headers.Authorization?.ToString(), request.Content.Headers.ContentType?.ToString(), body));
        return _answers.TryGetValue(method, out var answer) ? answer(body) : Error(404, "no such procedure");
    }
}
