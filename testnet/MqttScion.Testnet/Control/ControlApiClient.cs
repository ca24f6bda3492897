using System.Net.Http.Headers;
using System.Text.Json;

namespace MqttScion.Testnet;

/// <summary>Asks the <see cref="ControlApi"/> of a running test network. Safe to use from several threads.</summary>
public sealed class ControlApiClient : IDisposable
{
    private const int MaxAnswerBytes = 16 << 20;
    private readonly HttpClient _http;

    /// <summary>Makes a client; it asks nothing yet.</summary>
    /// <param name="url">The base address, such as <c>http://127.0.0.1:8082</c>.</param>
    /// <param name="timeout">The longest wait for an answer; null for 10 s.</param>
    public ControlApiClient(Uri url, TimeSpan? timeout = null)
    {
        _http = new HttpClient
        {
            BaseAddress = url,
            Timeout = timeout ?? TimeSpan.FromSeconds(10),
            MaxResponseContentBufferSize = MaxAnswerBytes,
        };
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    /// <summary>All links: those between ASes, then those inside ASes.</summary>
    /// <exception cref="ControlApiException">The API can't be reached, or answers something else.</exception>
    public async Task<IReadOnlyList<LinkStatus>> GetLinksAsync(CancellationToken cancellationToken = default)
    {
        using var answer = await SendAsync(HttpMethod.Get, "links", null, cancellationToken).ConfigureAwait(false);
        return Read(answer, root => root.GetProperty("links").EnumerateArray().Select(LinkJson.Read).ToList());
    }

    /// <summary>The link with an end of this name.</summary>
    /// <exception cref="ControlApiException">There is no such link, or the API can't be reached.</exception>
    public Task<LinkStatus> GetLinkAsync(string end, CancellationToken cancellationToken = default) =>
        LinkAsync(HttpMethod.Get, end, null, cancellationToken);

    /// <summary>Changes a link; what the change leaves out stays.</summary>
    /// <returns>The link after the change.</returns>
    /// <exception cref="ControlApiException">There is no such link, a value is outside its range, or the API can't be
    /// reached.</exception>
    public Task<LinkStatus> ChangeLinkAsync(
        string end, LinkChange change, CancellationToken cancellationToken = default) =>
        LinkAsync(HttpMethod.Patch, end, change, cancellationToken);

    /// <summary>Sets a link; what is left out goes back to a perfect link.</summary>
    /// <returns>The link after the change.</returns>
    /// <exception cref="ControlApiException">There is no such link, a value is outside its range, or the API can't be
    /// reached.</exception>
    public Task<LinkStatus> SetLinkAsync(
        string end, LinkChange change, CancellationToken cancellationToken = default) =>
        LinkAsync(HttpMethod.Put, end, change, cancellationToken);

    /// <summary>The ASes, border routers and links in JSON; the caller disposes of it.</summary>
    /// <exception cref="ControlApiException">The API can't be reached, or answers something else.</exception>
    public Task<JsonDocument> GetTopologyAsync(CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Get, "topology", null, cancellationToken);

    private async Task<LinkStatus> LinkAsync(
        HttpMethod method, string end, LinkChange? change, CancellationToken cancellationToken)
    {
        var path = $"links/{Uri.EscapeDataString(end)}";
        using var answer = await SendAsync(method, path, change, cancellationToken).ConfigureAwait(false);
        return Read(answer, LinkJson.Read);
    }

    private async Task<JsonDocument> SendAsync(
        HttpMethod method, string path, LinkChange? change, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = change is null ? null : Content(change) };
        try
        {
            using var answer = await _http.SendAsync(request, cancellationToken).ConfigureAwait(false);
            var body = await answer.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
            if (answer.IsSuccessStatusCode)
                return JsonDocument.Parse(body);
            throw new ControlApiException(
                $"The control API at {_http.BaseAddress} refused: {ErrorIn(body)}", answer.StatusCode);
        }
        catch (JsonException e)
        {
            throw new ControlApiException($"{_http.BaseAddress} is no control API: {e.Message}", cause: e);
        }
        catch (HttpRequestException e)
        {
            throw new ControlApiException(
                $"The control API at {_http.BaseAddress} can't be reached: {e.Message}", cause: e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ControlApiException(
                $"The control API at {_http.BaseAddress} did not answer within {_http.Timeout}.", cause: e);
        }
    }

    private T Read<T>(JsonDocument answer, Func<JsonElement, T> read)
    {
        try
        {
            return read(answer.RootElement);
        }
        catch (Exception e) when (e is FormatException or KeyNotFoundException or InvalidOperationException)
        {
            throw new ControlApiException($"{_http.BaseAddress} is no control API: {e.Message}", cause: e);
        }
    }

    private static ByteArrayContent Content(LinkChange change)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            change.Write(writer);
        }
        var content = new ByteArrayContent(bytes.ToArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    private static string ErrorIn(byte[] body)
    {
        using var json = JsonDocument.Parse(body);
        return json.RootElement.ValueKind == JsonValueKind.Object
            && json.RootElement.TryGetProperty("error", out var error)
            ? error.ToString()
            : "no reason given";
    }
}
