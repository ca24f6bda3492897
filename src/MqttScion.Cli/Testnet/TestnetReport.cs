using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using MqttScion.Scion;

namespace MqttScion.Cli;

/// <summary>Describes a running test network: every address and file that a proxy and a client need.</summary>
internal static class TestnetReport
{
    private const string CommandVariable = "MQTT_SCION_COMMAND";
    private const string DefaultBroker = "127.0.0.1:1883";

    private static readonly JsonWriterOptions JsonOptions = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The description for people, with command lines to copy.</summary>
    public static string Text(RunningTestnet testnet)
    {
        var text = new StringBuilder();
        var topology = testnet.Network.Topology;
        text.AppendLine(
            CultureInfo.InvariantCulture, $"network  {topology.Ases.Count} ASes, {topology.Links.Count} links");
        foreach (var isdAs in topology.Ases.Select(each => each.IsdAs))
        {
            var role = isdAs == testnet.ClientAs ? " (clients)" : isdAs == testnet.ProxyAs ? " (proxy)" : "";
            var api = EndhostApi(testnet, isdAs) is { } url ? $"endhost API {Trim(url)}" : "no endhost API";
            var routers = string.Join(' ', testnet.Network.RoutersOf(isdAs).Select(each => each.InternalEndPoint));
            text.AppendLine(CultureInfo.InvariantCulture, $"  {isdAs,-14} router {routers}, {api}{role}");
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"  {"",-14} daemon {Trim(testnet.Network.DaemonUrl(isdAs))}, "
                + $"bootstrap server {Trim(testnet.Network.BootstrapUrl(isdAs))}");
        }
        text.AppendLine(CultureInfo.InvariantCulture, $"broker   {testnet.Broker?.EndPoint.ToString() ?? "none"}");
        if (QuicUrl(testnet) is { } quic)
            text.AppendLine(CultureInfo.InvariantCulture, $"  {"",-6} {quic}");
        text.AppendLine(CultureInfo.InvariantCulture, $"echo     {EchoText(testnet)}");
        text.AppendLine(CultureInfo.InvariantCulture, $"control  {ControlUrl(testnet)}");
        var files = testnet.Certificates;
        text.AppendLine(CultureInfo.InvariantCulture, $"files    {CertificatesText(testnet)}:");
        foreach (var file in new[] { files.Ca, files.Proxy, files.ProxyKey, files.Client, files.ClientKey })
            text.AppendLine(CultureInfo.InvariantCulture, $"  {TerminalText.Escape(file)}");
        foreach (var (name, command) in Commands(testnet))
        {
            text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"{name}:")
                .AppendLine("  " + TerminalText.Escape(command));
        }
        text.AppendLine().AppendLine(
            $"In {TerminalText.Escape(FoundFrom(files.Directory))} the commands find all this by themselves,");
        text.AppendLine("from elsewhere with")
            .AppendLine("  " + TerminalText.Escape(Line(["--testnet", files.Directory])));
        return text.AppendLine().Append("Ready. Ctrl-C ends it.").ToString();
    }

    private static string FoundFrom(string directory) =>
        Path.GetFileName(directory) == TestnetFile.DefaultDirectory
            ? $"{Path.GetDirectoryName(directory)} and {Path.GetFileName(directory)} below it"
            : directory;

    private static string CertificatesText(RunningTestnet testnet) => testnet.AreCertificatesKept
        ? "kept"
        : "issued, by a new CA: a proxy or client that has others of before can't be talked to";

    /// <summary>The description for programs: one line of JSON.</summary>
    public static string Json(RunningTestnet testnet)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, JsonOptions))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("ases");
            foreach (var each in testnet.Network.Topology.Ases)
            {
                writer.WriteStartObject();
                writer.WriteString("isd_as", each.IsdAs.ToString());
                writer.WriteBoolean("is_core", each.IsCore);
                writer.WriteString("router", testnet.Network.RouterOf(each.IsdAs).InternalEndPoint.ToString());
                writer.WriteStartArray("routers");
                foreach (var router in testnet.Network.RoutersOf(each.IsdAs))
                    writer.WriteStringValue(router.InternalEndPoint.ToString());
                writer.WriteEndArray();
                writer.WriteString("endhost_api", EndhostApi(testnet, each.IsdAs) is { } url ? Trim(url) : null);
                writer.WriteString("daemon", Trim(testnet.Network.DaemonUrl(each.IsdAs)));
                writer.WriteString("bootstrap", Trim(testnet.Network.BootstrapUrl(each.IsdAs)));
                writer.WriteString("control_service", testnet.Network.ControlServiceOf(each.IsdAs).ToString());
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteStartArray("links");
            foreach (var link in testnet.Network.Topology.Links)
                writer.WriteStringValue(link.ToString());
            writer.WriteEndArray();
            writer.WriteString("client_as", testnet.ClientAs.ToString());
            writer.WriteString("proxy_as", testnet.ProxyAs.ToString());
            writer.WriteString(
                "client_endhost_api", EndhostApi(testnet, testnet.ClientAs) is { } api ? Trim(api) : null);
            writer.WriteString("proxy_listen", ProxyAddress(testnet));
            writer.WriteString("broker", testnet.Broker?.EndPoint.ToString());
            writer.WriteString("broker_quic", QuicUrl(testnet));
            writer.WriteString("control", ControlUrl(testnet));
            if (testnet.Echo is { } echo)
                writer.WriteNumber("echo_port", echo.Port);
            else
                writer.WriteNull("echo_port");
            WriteFiles(writer, testnet.Certificates);
            writer.WriteStartObject("commands");
            foreach (var (name, command) in Commands(testnet))
                writer.WriteString(name, command);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    private static void WriteFiles(Utf8JsonWriter writer, CertificateFiles files)
    {
        writer.WriteString("ca_cert", Path.GetFullPath(files.Ca));
        writer.WriteString("proxy_cert", Path.GetFullPath(files.Proxy));
        writer.WriteString("proxy_key", Path.GetFullPath(files.ProxyKey));
        writer.WriteString("client_cert", Path.GetFullPath(files.Client));
        writer.WriteString("client_key", Path.GetFullPath(files.ClientKey));
    }

    private static IEnumerable<(string Name, string Command)> Commands(RunningTestnet testnet)
    {
        var files = testnet.Certificates;
        var proxy = ProxyAddress(testnet);
        var broker = testnet.Broker?.EndPoint.ToString() ?? DefaultBroker;
        var api = EndhostApi(testnet, testnet.ClientAs) is { } url ? Trim(url) : "URL";
        string[] client =
        [
            "--endhost-api", api, "--ca-cert", files.Ca, "--cert", files.Client, "--key", files.ClientKey,
        ];
        // The wrapper at the top of the repository says how it can be called.
        var wrapper = Environment.GetEnvironmentVariable(CommandVariable);
        string[] program = string.IsNullOrEmpty(wrapper) ? ["mqtt-scion"] : [wrapper];
        string[] proxyProgram = string.IsNullOrEmpty(wrapper) ? ["mqtt-scion-proxy"] : [wrapper, "proxy"];
        yield return ("proxy", Line(
        [
            .. proxyProgram, "--listen", proxy, "--mqtt-broker", broker,
            "--ca-cert", files.Ca, "--cert", files.Proxy, "--key", files.ProxyKey,
        ]));
        yield return ("sub", Line([.. program, "sub", proxy, "plant/#", .. client]));
        yield return ("pub", Line([.. program, "pub", proxy, "plant/1/temp", "21.5", .. client]));
        var proxyAs = testnet.ProxyAs.ToString();
        var host = $"[{proxyAs},{testnet.ProxyHost}]";
        yield return ("paths", Line([.. program, "paths", proxyAs, "--endhost-api", api]));
        if (testnet.Echo is not null)
            yield return ("ping", Line([.. program, "ping", host, "--endhost-api", api]));
        yield return ("traceroute", Line([.. program, "traceroute", proxyAs, "--endhost-api", api]));
        yield return ("links", Line([.. program, "testnet", "link", "list", "--control", ControlUrl(testnet)]));
    }

    private static string? QuicUrl(RunningTestnet testnet) =>
        testnet.Broker?.QuicEndPoint is { } endPoint ? $"mqtt-quic://{endPoint}" : null;

    private static string ControlUrl(RunningTestnet testnet) =>
        testnet.Control is { } control ? Trim(control.Url) : "none";

    private static string EchoText(RunningTestnet testnet) => testnet.Echo is { } echo
        ? string.Create(
            CultureInfo.InvariantCulture, $"{string.Join(", ", echo.Addresses)}, UDP port {echo.Port}")
        : "none";

    private static string ProxyAddress(RunningTestnet testnet) =>
        $"[{testnet.ProxyAs},{testnet.ProxyHost}]:{testnet.ProxyPort}";

    private static Uri? EndhostApi(RunningTestnet testnet, IsdAs isdAs)
    {
        try
        {
            return testnet.Network.EndhostApiUrl(isdAs);
        }
        catch (KeyNotFoundException)
        {
            // A topology file need not give every AS an endhost API.
            return null;
        }
    }

    private static string Trim(Uri url) => url.ToString().TrimEnd('/');

    private static string Line(IEnumerable<string> words) => string.Join(' ', words.Select(Quote));

    private static string Quote(string word) => word.All(IsPlain)
        ? word
        : "'" + word.Replace("'", "'\\''", StringComparison.Ordinal) + "'";

    private static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/' or ':';
}
