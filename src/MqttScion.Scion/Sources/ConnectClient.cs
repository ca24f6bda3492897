using System.Net.Http.Headers;
using Google.Protobuf;

namespace MqttScion.Scion;

/// <summary>Makes unary Connect calls: one POST with a protobuf message, one protobuf message back.</summary>
internal sealed class ConnectClient : IDisposable
{
    private const string MediaType = "application/proto";
    private const int MaxErrorBytes = 16 << 10;

    private readonly HttpClient _http;
    private readonly Uri _base;
    private readonly AuthenticationHeaderValue? _authorization;
    private readonly TimeSpan _timeout;
    private readonly int _maxAnswerBytes;
    private readonly TimeProvider _time;

    public ConnectClient(EndhostApiOptions options, TimeProvider time, HttpMessageHandler? handler)
    {
        _base = BaseOf(options.Url!);
        _authorization = options.Token is { Length: > 0 } token
            ? new AuthenticationHeaderValue("Bearer", token)
            : null;
        _timeout = options.Timeout;
        _maxAnswerBytes = options.MaxAnswerBytes;
        _time = time;

        // The API is inside the own AS: no proxy. A redirect would carry the token elsewhere: none is followed.
        handler ??= new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        };
        _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    /// <summary>The address of a procedure, without user information and query: fit for messages.</summary>
    public Uri UrlOf(string procedure) => new(_base, procedure);

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
        using var timeout = new CancellationTokenSource(_timeout, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var body = await PostAsync(url, message, linked.Token).ConfigureAwait(false);
            return parser.ParseFrom(body);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new PathLookupException(
                $"The endhost API at {url} gave an answer that is not valid protobuf: {e.Message}", url, null, e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new PathLookupException(
                $"The endhost API at {url} can't be reached: {e.Message} Is its address right, and is it running?",
                url, null, e);
        }
        catch (OperationCanceledException e) when (timeout.IsCancellationRequested
            && !cancellationToken.IsCancellationRequested)
        {
            throw new PathLookupException(
                $"The endhost API at {url} gave no answer within {_timeout.TotalSeconds:0.###} s.", url, null, e);
        }
    }

    private async Task<byte[]> PostAsync(Uri url, IMessage message, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url)
        {
            Content = new ByteArrayContent(message.ToByteArray()),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(MediaType);
        request.Headers.Authorization = _authorization;

        using var response = await _http
            .SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken)
            .ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
        {
            throw await ErrorOfAsync(url, response, cancellationToken).ConfigureAwait(false);
        }

        var mediaType = response.Content.Headers.ContentType?.MediaType;
        if (mediaType != MediaType)
        {
            throw new PathLookupException(
                $"The endhost API at {url} answered with content type '{mediaType ?? "none"}'; expected {MediaType}.",
                url);
        }
        var (body, isWhole) = await ReadAsync(response, _maxAnswerBytes, cancellationToken).ConfigureAwait(false);
        return isWhole
            ? body
            : throw new PathLookupException(
                $"The endhost API at {url} answered with more than {_maxAnswerBytes} bytes, the most that is taken.",
                url);
    }

    private async Task<PathLookupException> ErrorOfAsync(
        Uri url,
        HttpResponseMessage response,
        CancellationToken cancellationToken)
    {
        var (body, _) = await ReadAsync(response, MaxErrorBytes, cancellationToken).ConfigureAwait(false);
        var error = ConnectError.Read(response.StatusCode, body);
        var hint = error.Code == "unauthenticated"
            ? _authorization is null ? " It asks for a token; none is set." : " The token that is set was refused."
            : "";
        var text = error.Message.Length > 0 ? $": {error.Message}" : ".";
        return new PathLookupException(
            $"The endhost API at {url} refused with {error.Code} (HTTP {(int)response.StatusCode}){text}{hint}",
            url,
            error.Code);
    }

    private static async Task<(byte[] Body, bool IsWhole)> ReadAsync(
        HttpResponseMessage response,
        int maxBytes,
        CancellationToken cancellationToken)
    {
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            using var body = new MemoryStream();
            var chunk = new byte[8192];
            while (body.Length <= maxBytes)
            {
                var count = await stream.ReadAsync(chunk, cancellationToken).ConfigureAwait(false);
                if (count == 0)
                {
                    return (body.ToArray(), true);
                }
                body.Write(chunk, 0, count);
            }
            return (body.ToArray()[..maxBytes], false);
        }
    }

    private static Uri BaseOf(Uri url)
    {
        var text = url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
        return new Uri(text.EndsWith('/') ? text : text + "/");
    }
}
