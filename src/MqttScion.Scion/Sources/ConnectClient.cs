using System.Net.Http.Headers;
using Google.Protobuf;

namespace MqttScion.Scion;

/// <summary>Makes unary Connect calls: one POST with a protobuf message, one protobuf message back.</summary>
internal sealed class ConnectClient : IDisposable
{
    private const string MediaType = "application/proto";

    private readonly LookupHttp _http;
    private readonly Uri _base;
    private readonly AuthenticationHeaderValue? _authorization;

    public ConnectClient(EndhostApiOptions options, TimeProvider time, HttpMessageHandler? handler)
    {
        _base = BaseOf(options.Url!);
        _authorization = options.Token is { Length: > 0 } token
            ? new AuthenticationHeaderValue("Bearer", token)
            : null;
        _http = new LookupHttp("The endhost API", options.Timeout, options.MaxAnswerBytes, time, handler);
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    /// <summary>The exception for what a procedure answered.</summary>
    public PathLookupException Fault(string procedure, string what, string? code = null) =>
        _http.Fault(UrlOf(procedure), what, code);

    /// <summary>Calls a procedure such as <c>scion.endhost.v1.UnderlayService/ListUnderlays</c>.</summary>
    /// <exception cref="PathLookupException">No answer, an error answer, or one that can't be used.</exception>
    public async Task<TAnswer> CallAsync<TAnswer>(
        string procedure,
        IMessage message,
        MessageParser<TAnswer> parser,
        CancellationToken cancellationToken)
        where TAnswer : IMessage<TAnswer>
    {
        var url = UrlOf(procedure);
        using var request = new HttpRequestMessage(HttpMethod.Post, url)
        {
            Content = new ByteArrayContent(message.ToByteArray()),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(MediaType);
        request.Headers.Authorization = _authorization;

        var answer = await _http.SendAsync(request, MediaType, cancellationToken).ConfigureAwait(false);
        if (!answer.IsSuccess)
        {
            throw Refusal(url, answer);
        }
        try
        {
            return parser.ParseFrom(answer.Body);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw _http.Fault(url, $"gave an answer that is not valid protobuf: {e.Message}", inner: e);
        }
    }

    private PathLookupException Refusal(Uri url, LookupAnswer answer)
    {
        var error = ConnectError.Read(answer.Status, answer.Body);
        var hint = error.Code == "unauthenticated"
            ? _authorization is null ? " It asks for a token; none is set." : " The token that is set was refused."
            : error is { IsForeign: true, Code: "not_found" } ? " Is this an endhost API?"
            : "";
        var text = error.Message.Length > 0 ? $": {error.Message.TrimEnd('.')}." : ".";
        return _http.Fault(url, $"refused with {error.Code} (HTTP {(int)answer.Status}){text}{hint}", error.Code);
    }

    /// <summary>The address of a procedure, without user information and query: fit for messages.</summary>
    private Uri UrlOf(string procedure) => new(_base, procedure);

    private static Uri BaseOf(Uri url)
    {
        var text = url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
        return new Uri(text.EndsWith('/') ? text : text + "/");
    }
}
