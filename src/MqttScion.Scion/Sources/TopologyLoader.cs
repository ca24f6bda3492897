using System.Net;

namespace MqttScion.Scion;

/// <summary>Reads the topology of the AS from a file or from a bootstrap server.</summary>
internal sealed class TopologyLoader : IDisposable
{
    private readonly string? _file;
    private readonly int _maxBytes;
    private readonly LookupHttp _http;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;

    /// <param name="options">Where the topology is.</param>
    /// <param name="time">The clock of the timeout.</param>
    /// <param name="handler">The transport, disposed with this; null for direct connections.</param>
    public TopologyLoader(StandaloneOptions options, TimeProvider time, HttpMessageHandler? handler)
    {
        _file = options.TopologyFile;
        _maxBytes = options.MaxAnswerBytes;
        (_timeout, _time) = (options.Timeout, time);
        _http = new LookupHttp("The bootstrap server", options.Timeout, options.MaxAnswerBytes, time, handler);
        Url = _file is null
            ? new Uri($"{options.BootstrapServer!.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped)}"
                + "/topology")
            : new Uri(Path.GetFullPath(_file));
    }

    /// <summary>Where the topology is: a file, or an address of the bootstrap server.</summary>
    public Uri Url { get; }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    /// <summary>Reads it.</summary>
    /// <exception cref="PathLookupException">It can't be read, or has another form.</exception>
    public async Task<ScionTopology> LoadAsync(CancellationToken cancellationToken)
    {
        var json = _file is null
            ? await FetchAsync(cancellationToken).ConfigureAwait(false)
            : await SourceFile.ReadAsync(_file, _maxBytes, "topology", cancellationToken).ConfigureAwait(false);
        try
        {
            return await ScionTopology.Parse(json).ResolveAsync(Dns.GetHostAddressesAsync, cancellationToken)
                .WaitAsync(_timeout, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException e)
        {
            var limit = _timeout.TotalSeconds;
            throw new PathLookupException(
                $"The topology at {Url} names border routers whose addresses did not come within {limit:0.#} s.",
                Url, null, e);
        }
        catch (FormatException e)
        {
            throw new PathLookupException($"The topology at {Url} can't be used: {e.Message}.", Url, null, e);
        }
    }

    private async Task<byte[]> FetchAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Url);

        // Web servers give files all kinds of types: what came is told by reading it.
        var answer = await _http.SendAsync(request, mediaType: null, cancellationToken).ConfigureAwait(false);
        if (answer.IsSuccess)
        {
            return answer.Body;
        }
        var error = ConnectError.Read(answer.Status, answer.Body);
        var text = error.Message.Length > 0 ? $": {error.Message}" : ".";
        throw _http.Fault(Url, $"refused with {error.Code} (HTTP {(int)answer.Status}){text}", error.Code);
    }
}
