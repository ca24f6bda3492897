using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace MqttScion.Tools;

/// <summary>
/// The file in which <c>testnet up</c> says what runs, as long as it runs: so the other commands find its path source,
/// its control API and its certificates.
/// </summary>
public sealed class TestnetFile
{
    /// <summary>The directory of the test network, unless another is asked for.</summary>
    public const string DefaultDirectory = "mqtt-scion-testnet";

    /// <summary>The file's name.</summary>
    public const string Name = "testnet.json";

    private const int MaxBytes = 1 << 20;

    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(3);

    private readonly string _path;
    private readonly JsonElement _root;

    private TestnetFile(string path, JsonElement root) => (_path, _root) = (path, root);

    /// <summary>The directory of the test network, whole.</summary>
    public string Directory => Path.GetDirectoryName(_path)!;

    /// <summary>The control API's URL.</summary>
    public string? Control => Text("control");

    /// <summary>The URL of the endhost API in the clients' AS, or null.</summary>
    public string? EndhostApi => Text("client_endhost_api");

    /// <summary>The CA of proxy and clients.</summary>
    public string? CaCert => Text("ca_cert");

    /// <summary>The broker's TCP address, or null.</summary>
    public string? Broker => Text("broker");

    /// <summary>The proxy's certificate.</summary>
    public string? ProxyCert => Text("proxy_cert");

    /// <summary>The proxy's private key.</summary>
    public string? ProxyKey => Text("proxy_key");

    /// <summary>The client's certificate.</summary>
    public string? ClientCert => Text("client_cert");

    /// <summary>The client's private key.</summary>
    public string? ClientKey => Text("client_key");

    /// <summary>The port of SCMP responders, or null.</summary>
    public int? EchoPort => _root.TryGetProperty("echo_port", out var port) && port.TryGetInt32(out var number)
        ? number
        : null;

    /// <summary>The test network of a directory that was named, or of one near the working directory.</summary>
    /// <param name="named">The directory, or the one above it; null or empty for the working directory.</param>
    /// <exception cref="CommandException">There is none, or it does not run.</exception>
    public static TestnetFile Open(string? named)
    {
        var place = string.IsNullOrEmpty(named) ? "." : named;
        if (Find(place) is not { } path)
        {
            throw new CommandException(
                $"--testnet: no test network in '{Path.GetFullPath(place)}', there is no {Name}; "
                + "'mqtt-scion testnet up' in another terminal starts one.");
        }
        var file = Read(path) ?? throw new CommandException($"--testnet: '{path}' is not of a test network.");
        return file.IsRunning()
            ? file
            : throw new CommandException(
                $"The test network of '{file.Directory}' no longer runs: {file.Control} is silent or of another one. "
                + "'mqtt-scion testnet up' in another terminal starts it.");
    }

    /// <summary>The test network near the working directory, if it runs; null when there is none.</summary>
    public static TestnetFile? FindRunning() => Find(".") is { } path ? ReadRunning(path) : null;

    /// <summary>The test network that runs with exactly this directory; null when there is none.</summary>
    public static TestnetFile? RunningIn(string directory) =>
        ReadRunning(Path.GetFullPath(Path.Combine(directory, Name)));

    /// <summary>The file near a directory, be it of a network that runs or not; null when there is none.</summary>
    public static string? Find(string place)
    {
        string[] places = [Path.Combine(place, Name), Path.Combine(place, DefaultDirectory, Name)];
        return Array.Find(places, File.Exists) is { } found ? Path.GetFullPath(found) : null;
    }

    /// <summary>Writes the file of a test network that has started; returns its path.</summary>
    public static string Write(string directory, string json)
    {
        var path = Path.Combine(System.IO.Directory.CreateDirectory(directory).FullName, Name);
        // Readers see all of it or nothing.
        var unfinished = path + ".new";
        File.WriteAllText(unfinished, json + "\n");
        File.Move(unfinished, path, overwrite: true);
        return path;
    }

    private static TestnetFile? ReadRunning(string path) =>
        File.Exists(path) && Read(path) is { } file && file.IsRunning() ? file : null;

    /// <summary>The URL of the endhost API in an AS, or null; false when there is no such AS.</summary>
    public bool TryGetEndhostApi(string isdAs, out string? url)
    {
        url = null;
        if (!_root.TryGetProperty("ases", out var ases) || ases.ValueKind != JsonValueKind.Array)
            return false;
        foreach (var each in ases.EnumerateArray())
        {
            if (each.TryGetProperty("isd_as", out var name) && name.ToString() == isdAs)
            {
                url = each.TryGetProperty("endhost_api", out var api) ? api.GetString() : null;
                return true;
            }
        }
        return false;
    }

    // What a killed process has left must not send anybody to another network that has its ports now: the routers'
    // addresses differ.
    private bool IsRunning()
    {
        if (!Uri.TryCreate(Control + "/topology", UriKind.Absolute, out var url) || Router is not { } router)
            return false;
        try
        {
            using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false })
            {
                Timeout = AnswerLimit,
                MaxResponseContentBufferSize = MaxBytes,
            };
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            using var answer = http.Send(request);
            using var body = new StreamReader(answer.Content.ReadAsStream(), Encoding.UTF8);
            return answer.IsSuccessStatusCode
                && body.ReadToEnd().Contains($"\"{router}\"", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException
            or SocketException)
        {
            // Nobody answers there: the file was left over.
            return false;
        }
    }

    private string? Router =>
        _root.TryGetProperty("ases", out var ases) && ases is { ValueKind: JsonValueKind.Array }
        && ases.EnumerateArray().FirstOrDefault() is { ValueKind: JsonValueKind.Object } first
        && first.TryGetProperty("router", out var router)
            ? router.ToString()
            : null;

    private static TestnetFile? Read(string path)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllText(path));
            return json.RootElement.ValueKind == JsonValueKind.Object
                ? new TestnetFile(path, json.RootElement.Clone())
                : null;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            // Cut off, of somebody else, or just taken away by the network that ends.
            return null;
        }
    }

    private string? Text(string name) =>
        _root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
