using System.CommandLine;
using System.CommandLine.Invocation;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using MqttScion.Quic;

namespace MqttScion.Proxy;

/// <summary>The command line <c>mqtt-scion-proxy</c>.</summary>
internal sealed class ProxyCommand
{
    /// <summary>How long the proxy may take to end in order after Ctrl-C or SIGTERM.</summary>
    public static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(5);

    private const int Failure = 1;
    private const int Usage = 64; // EX_USAGE of sysexits.h.
    private const string QuicEndpointMode = "QuicEndpoint";
    private const string UdpEndpointMode = "UdpEndpoint";

    private const string Description =
        """
        Proxy between MQTT clients on QUIC over SCION and an MQTT broker on TCP.

        Runs until Ctrl-C or SIGTERM. Logs go to the standard error.
        Exit codes: 0 ended in order, 1 failed, 64 wrong command line.
        """;

    private const StringSplitOptions Trimmed = StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;

    private static readonly char[] Breaks = ['\r', '\n', '\t'];
    private static readonly string[] Levels = ["trace", "debug", "info", "warn", "error"];

    // The options of the proxy by the names under which its faults mention them.
    private static readonly (string Option, string Name)[] FaultNames =
    [
        ("Listen:", "--listen:"),
        ("Broker:", "--mqtt-broker:"),
        ("Tls.TrustedCertificates:", "--ca-cert:"),
        ("Tls.Certificate:", "--cert:"),
        ("Tls.Key:", "--key:"),
        ("Tls.KeyLogFile:", "--keylog:"),
        ("QlogDirectory:", "--qlog:"),
    ];

    private readonly Option<string> _listen = new("--listen")
    {
        Description = "SCION address to listen on, such as [2-ff00:0:211,10.0.200.10]:4433; port 0 takes a free one.",
        HelpName = "address",
        Required = true,
    };

    private readonly Option<string> _broker = Text(
        "--mqtt-broker", "Broker's host and TCP port.", "host:port", "127.0.0.1:1883");

    private readonly Option<string> _caCert = Text(
        "--ca-cert", "CA certificates of the clients. A PEM file.", "file", "ca-cert.pem");

    private readonly Option<string> _cert = Text(
        "--cert", "Certificate of this proxy. A PEM file.", "file", "proxy-cert.pem");

    private readonly Option<string> _key = Text(
        "--key", "Private key of that certificate. A PEM file.", "file", "proxy-key.pem");

    private readonly Option<bool> _sessionTickets = new("--session-tickets")
    {
        Description = "Issue session tickets, with which clients that come back save the exchange of certificates.",
    };

    private readonly Option<string> _mode = Text(
        "--mode",
        $"{QuicEndpointMode} ends QUIC here and speaks MQTT on TCP with the broker. "
        + $"({UdpEndpointMode} is not supported yet.)",
        "mode",
        QuicEndpointMode,
        choices: [QuicEndpointMode, UdpEndpointMode]);

    private readonly Option<string?> _endhostApi = Unused("--endhost-api", "url");
    private readonly Option<string?> _snapToken = Unused("--snap-token", "file");
    private readonly Option<string?> _acl = Unused("--acl", "list");

    private readonly Option<string> _log = Text(
        "--log", $"What to log: {string.Join(", ", Levels)}.", "level", "info", choices: Levels);

    private readonly DiagnosisOptions _diagnosis = new();

    /// <summary>Parses and runs a command line; returns the exit code.</summary>
    /// <param name="args">The arguments without the program's name.</param>
    /// <param name="configuration">Where output and diagnostics go.</param>
    /// <param name="cancellationToken">Ends the proxy in order, as Ctrl-C does.</param>
    public static async Task<int> RunAsync(
        IReadOnlyList<string> args,
        InvocationConfiguration configuration,
        CancellationToken cancellationToken = default)
    {
        var parser = new ParserConfiguration { ResponseFileTokenReplacer = null };
        var parse = new ProxyCommand().Create().Parse(args, parser);
        if (parse.Action is not ParseErrorAction)
            return await parse.InvokeAsync(configuration, cancellationToken).ConfigureAwait(false);
        foreach (var error in parse.Errors)
            await WriteErrorAsync(configuration.Error, error.Message).ConfigureAwait(false);
        return Usage;
    }

    /// <summary>Makes the command.</summary>
    private RootCommand Create()
    {
        var root = new RootCommand(Description)
        {
            _listen, _broker, _caCert, _cert, _key, _sessionTickets, _mode, _endhostApi, _snapToken, _acl, _log,
        };
        _diagnosis.AddTo(root);
        root.SetAction((parse, cancellation) => GuardAsync(parse, cancellation));
        return root;
    }

    private async Task<int> GuardAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        var console = parse.InvocationConfiguration;
        try
        {
            return await ServeAsync(parse, console, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ArgumentException or GnuTlsMissingException or TlsConfigurationException
            or SocketException or IOException or UnauthorizedAccessException)
        {
            var place = e is SocketException ? $"--listen {parse.GetValue(_listen)}: " : "";
            await WriteErrorAsync(console.Error, place + e.Message).ConfigureAwait(false);
            return Failure;
        }
    }

    private async Task<int> ServeAsync(
        ParseResult parse, InvocationConfiguration console, CancellationToken cancellationToken)
    {
        if (parse.GetValue(_mode) == UdpEndpointMode)
        {
            await WriteErrorAsync(
                console.Error, $"--mode {UdpEndpointMode} is not supported yet; {QuicEndpointMode} is.")
                .ConfigureAwait(false);
            return Failure;
        }
        var options = Read(parse);
        var faults = options.Validate();
        if (faults.Count > 0)
        {
            await WriteErrorAsync(console.Error, string.Join(' ', faults.Select(Rename))).ConfigureAwait(false);
            return Failure;
        }
        GnuTlsLibrary.EnsureAvailable();
        foreach (var option in new[] { _endhostApi, _snapToken, _acl }.Where(o => parse.GetValue(o) is not null))
        {
            await WriteErrorAsync(
                console.Error, $"{option.Name} is not used: answers go back on the client's own path.")
                .ConfigureAwait(false);
        }
        using var loggers = CreateLoggers(parse.GetValue(_log)!);
        var proxy = MqttProxy.Start(options, loggers);
        await using var _ = proxy.ConfigureAwait(false);
        await console.Output.WriteLineAsync($"listening on {proxy.LocalEndPoint}").ConfigureAwait(false);
        await console.Output.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        // Runs until it is told to stop; a defect that ends the proxy before ends the process with it.
        await proxy.Completion.WaitAsync(cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (proxy.Completion.IsFaulted)
        {
            await WriteErrorAsync(console.Error, "the proxy was ended by a defect, see the log").ConfigureAwait(false);
            return Failure;
        }
        return 0;
    }

    private ProxyOptions Read(ParseResult parse)
    {
        var options = new ProxyOptions { Listen = parse.GetValue(_listen)!, Broker = parse.GetValue(_broker)! };
        options.Tls.TrustedCertificates = parse.GetValue(_caCert);
        options.Tls.Certificate = parse.GetValue(_cert);
        options.Tls.Key = parse.GetValue(_key);
        options.Tls.KeyLogFile = _diagnosis.KeyLogFile(parse);
        options.SessionTickets = parse.GetValue(_sessionTickets);
        options.QlogDirectory = _diagnosis.QlogDirectory(parse);
        return options;
    }

    private static string Rename(string fault)
    {
        foreach (var (option, name) in FaultNames)
        {
            if (fault.StartsWith(option, StringComparison.Ordinal))
                return string.Concat(name, fault.AsSpan(option.Length));
        }
        return fault;
    }

    private static ILoggerFactory CreateLoggers(string level) => LoggerFactory.Create(builder => builder
        .SetMinimumLevel(level switch
        {
            "trace" => LogLevel.Trace,
            "debug" => LogLevel.Debug,
            "warn" => LogLevel.Warning,
            "error" => LogLevel.Error,
            _ => LogLevel.Information,
        })
        .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace)
        .AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss.fff ";
        }));

    private static Task WriteErrorAsync(TextWriter error, string message) =>
        error.WriteLineAsync("mqtt-scion-proxy: " + string.Join(' ', message.Split(Breaks, Trimmed)));

    private static Option<string> Text(
        string name, string description, string helpName, string defaultValue, params string[] choices)
    {
        var option = new Option<string>(name)
        {
            Description = description,
            HelpName = helpName,
            DefaultValueFactory = _ => defaultValue,
        };
        if (choices.Length > 0)
            option.AcceptOnlyFromAmong(choices);
        return option;
    }

    private static Option<string?> Unused(string name, string helpName) => new(name)
    {
        Description = $"Not used in {QuicEndpointMode} mode: answers go back on the client's own path.",
        HelpName = helpName,
    };
}
