using System.Net;
using System.Net.Http.Headers;

namespace MqttScion.Scion;

/// <summary>
/// HTTP for path look-ups: each exchange is bounded in time and bytes, and what goes wrong becomes a
/// <see cref="PathLookupException"/> that names the fault. Safe to call from several threads.
/// </summary>
internal sealed class LookupHttp : IDisposable
{
    private const int MaxErrorBytes = 16 << 10;

    private readonly string _peer;
    private readonly TimeSpan _timeout;
    private readonly int _maxAnswerBytes;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;

    /// <param name="peer">Who is asked, as messages name it: "The endhost API".</param>
    /// <param name="timeout">The longest time for one exchange, its body included.</param>
    /// <param name="maxAnswerBytes">The largest body taken.</param>
    /// <param name="time">The clock of the timeout.</param>
    /// <param name="handler">The transport, disposed with this; null for direct connections.</param>
    public LookupHttp(
        string peer, TimeSpan timeout, int maxAnswerBytes, TimeProvider time, HttpMessageHandler? handler)
    {
        _peer = peer;
        _timeout = timeout;
        _maxAnswerBytes = maxAnswerBytes;
        _time = time;

        // What is asked is inside the own AS: no proxy. A redirect would carry a token elsewhere: none is followed.
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

    /// <summary>An exception whose message is who is asked, where, and <paramref name="what"/>.</summary>
    public PathLookupException Fault(Uri url, string what, string? code = null, Exception? inner = null) =>
        new($"{_peer} at {url} {what}", url, code, inner);

    /// <summary>Sends a request and reads the whole answer; of an error answer, as much as messages need.</summary>
    /// <param name="request">The request; disposed by the caller.</param>
    /// <param name="mediaType">
    /// The content type that an answer of status 200 must have, with or without a suffix such as <c>+proto</c>; null
    /// for any.
    /// </param>
    /// <param name="cancellationToken">Ends the exchange.</param>
    /// <exception cref="PathLookupException">No answer, or one that can't be used.</exception>
    public async Task<LookupAnswer> SendAsync(
        HttpRequestMessage request, string? mediaType, CancellationToken cancellationToken)
    {
        var url = request.RequestUri!;
        using var timeout = new CancellationTokenSource(_timeout, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using var response = await _http
                .SendAsync(request, HttpCompletionOption.ResponseHeadersRead, linked.Token)
                .ConfigureAwait(false);
            Check(url, response, mediaType);
            var bound = response.IsSuccessStatusCode ? _maxAnswerBytes : MaxErrorBytes;
            var (body, isWhole) = await ReadAsync(response.Content, bound, linked.Token).ConfigureAwait(false);
            return isWhole || !response.IsSuccessStatusCode
                ? new LookupAnswer(response.StatusCode, response.Headers, response.TrailingHeaders, body)
                : throw TooLong(url);
        }
        catch (Exception e) when (IsBroken(e))
        {
            throw Fault(url, $"gave no answer that can be used: {OneLine(e.Message)}", inner: e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw Fault(
                url,
                $"can't be reached: {OneLine(WhyUnreachable(e)).TrimEnd('.')}. Is its address right, is it running?",
                inner: e);
        }
        catch (OperationCanceledException e) when (timeout.IsCancellationRequested
            && !cancellationToken.IsCancellationRequested)
        {
            throw Fault(url, $"gave no answer within {_timeout.TotalSeconds:0.###} s.", inner: e);
        }
    }

    /// <summary>One short line without control characters: the text comes from outside and goes to logs.</summary>
    public static string OneLine(string text, int maxLength = 200)
    {
        var cut = text.AsSpan().Trim();
        cut = cut[..Math.Min(cut.Length, maxLength)];
        return string.Concat(cut.ToString().Select(c => char.IsControl(c) ? ' ' : c));
    }

    private void Check(Uri url, HttpResponseMessage response, string? mediaType)
    {
        if ((int)response.StatusCode is >= 300 and < 400)
        {
            var to = response.Headers.Location is { } location ? $" to {OneLine(location.OriginalString)}" : "";
            throw Fault(
                url, $"redirects{to} (HTTP {(int)response.StatusCode}); redirects are not followed.", "unknown");
        }
        if (!response.IsSuccessStatusCode)
        {
            return;
        }
        var came = response.Content.Headers.ContentType?.MediaType;
        if (mediaType is not null
            && came != mediaType
            && came?.StartsWith(mediaType + "+", StringComparison.Ordinal) is not true)
        {
            throw Fault(url, $"answered with content type '{OneLine(came ?? "none")}'; expected {mediaType}.");
        }
        if (response.Content.Headers.ContentLength > _maxAnswerBytes)
        {
            throw TooLong(url);
        }
    }

    private PathLookupException TooLong(Uri url) =>
        Fault(url, $"answered with more than {_maxAnswerBytes} bytes, the most that is taken.");

    // HttpClient's own text for TLS only points to the inner exception, which no log line has.
    private static string WhyUnreachable(Exception e) =>
        e.InnerException is { } inner && e.Message.Contains("inner exception", StringComparison.OrdinalIgnoreCase)
            ? inner.Message
            : e.Message;

    /// <summary>True when the peer was there, but what it sent is no HTTP answer or ends too early.</summary>
    private static bool IsBroken(Exception e) =>
        e is HttpIOException or HttpRequestException
        {
            HttpRequestError: HttpRequestError.InvalidResponse
                or HttpRequestError.ResponseEnded
                or HttpRequestError.HttpProtocolError
                or HttpRequestError.VersionNegotiationError
                or HttpRequestError.ConfigurationLimitExceeded
        };

    private static async Task<(byte[] Body, bool IsWhole)> ReadAsync(
        HttpContent content, int maxBytes, CancellationToken cancellationToken)
    {
        var stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
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
}

/// <summary>An answer that was read to its end; an error answer may be cut.</summary>
/// <param name="Status">The HTTP status: a success or an error, no redirect.</param>
/// <param name="Headers">The headers.</param>
/// <param name="Trailers">The headers that came after the body.</param>
/// <param name="Body">The body.</param>
internal readonly record struct LookupAnswer(
    HttpStatusCode Status,
    HttpResponseHeaders Headers,
    HttpResponseHeaders Trailers,
    byte[] Body)
{
    /// <summary>True for the status codes 200 to 299.</summary>
    public bool IsSuccess => (int)Status is >= 200 and < 300;
}
