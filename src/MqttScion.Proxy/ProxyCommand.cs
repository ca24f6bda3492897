using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using MqttScion.Cli;
using MqttScion.Quic;
using MqttScion.Scion;

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

        Runs until Ctrl-C or SIGTERM. Logs go to the standard error. The certificate of a client decides whether it may
        connect; who it is to the broker, its MQTT user name and password say. To the broker it is TCP without TLS.
        A <duration> is a number with ms, s, m or h, such as 500ms, 1.5s or 2m; a bare number is seconds.
        Exit codes: 0 ended in order, 1 failed, 64 wrong command line.

        Examples:
          mqtt-scion-proxy --listen '[2-ff00:0:211,127.0.0.1]:4433'      (where 'mqtt-scion testnet up' runs)
          mqtt-scion-proxy --listen '[2-ff00:0:211,10.0.200.10]:4433' --mqtt-broker 10.0.200.20 --max-sessions 5000
              --ca-cert ca.pem --cert proxy.pem --key proxy-key.pem --revocation-list revoked.pem
        """;

    private const string Program = "mqtt-scion-proxy";

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
        ("Tls.RevocationLists:", "--revocation-list:"),
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
        "--mqtt-broker", "Broker's host and TCP port; 1883 unless another is given.", "host:port", "127.0.0.1:1883");

    private readonly Option<string> _caCert = Text(
        "--ca-cert", "CA certificates of the clients. A PEM file.", "file", "ca-cert.pem");

    private readonly Option<string> _cert = Text(
        "--cert", "Certificate of this proxy. A PEM file.", "file", "proxy-cert.pem");

    private readonly Option<string> _key = Text(
        "--key", "Private key of that certificate. A PEM file.", "file", "proxy-key.pem");

    private readonly Option<string?> _revocationList = new("--revocation-list")
    {
        Description = "Revocation lists of the clients' CAs: certificates in them are refused. A PEM file, read again "
            + "when clients connect.",
        HelpName = "file",
    };

    private readonly Option<int> _maxSessions = new("--max-sessions")
    {
        Description = "How many clients may be connected at once, 1 to 100000.",
        HelpName = "count",
        DefaultValueFactory = _ => new ProxyOptions().MaxSessions,
    };

    private readonly Option<TimeSpan> _idleTimeout = DurationOption.Create(
        "--idle-timeout",
        "How long a client may be silent before it counts as lost, 1s to 10m.",
        TimeSpan.FromSeconds(1),
        TimeSpan.FromMinutes(10),
        new ProxyOptions().IdleTimeout);

    private readonly TestnetOption _testnet = new();

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

    private readonly Option<string?> _endhostApi = new("--endhost-api")
    {
        Description = "Endhost API that knows the local AS: used only to check --listen at the start. Default: the "
            + $"daemon of the environment's {PathSources.DaemonVariable}, if set.",
        HelpName = "url",
    };

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
        if (args is ["help"])
            args = ["--help"];
        var parse = new ProxyCommand().Create().Parse(args, parser);
        if (parse.Action is HelpAction)
            return await HelpText.WriteAsync(parse, configuration, cancellationToken).ConfigureAwait(false);
        if (parse.Action is not ParseErrorAction)
            return await parse.InvokeAsync(configuration, cancellationToken).ConfigureAwait(false);
        foreach (var fault in ParseFaults.Of(parse, Program))
            await WriteErrorAsync(configuration.Error, fault).ConfigureAwait(false);
        return Usage;
    }

    /// <summary>Makes the command.</summary>
    private RootCommand Create()
    {
        var root = new RootCommand(Description)
        {
            _listen, _broker, _caCert, _cert, _key, _revocationList, _maxSessions, _idleTimeout, _sessionTickets,
            _mode, _endhostApi, _snapToken, _acl, _log,
        };
        _testnet.AddTo(root);
        _maxSessions.Limit(1, 100_000);
        Check(_listen, ProxyOptions.FaultOfListen);
        Check(_broker, text => ProxyOptions.TryParseBroker(text, out var _)
            ? null
            : $"{ProxyOptions.BrokerForm}, found '{text}'.");
        Check(_mode, text => text == UdpEndpointMode ? $"{text} is not supported yet; {QuicEndpointMode} is." : null);
        Check(_endhostApi, text => Uri.TryCreate(text, UriKind.Absolute, out var url)
            && url.Scheme is "http" or "https"
            ? null
            : $"expected a URL like http://127.0.0.1:10231, found '{text}'.");
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
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return 0;
        }
        catch (Exception e) when (e is CommandException or ArgumentException or QuicTlsException
            or SocketException or IOException or UnauthorizedAccessException)
        {
            var place = e is SocketException ? $"--listen {parse.GetValue(_listen)}: " : "";
            await WriteErrorAsync(console.Error, place + FaultText.Of(e)).ConfigureAwait(false);
            return Failure;
        }
    }

    private async Task<int> ServeAsync(
        ParseResult parse, InvocationConfiguration console, CancellationToken cancellationToken)
    {
        var testnet = _testnet.Find(parse, finds: FindsTestnet(parse));
        var options = Read(parse, testnet);
        var faults = options.Validate();
        if (faults.Count > 0)
        {
            await WriteErrorAsync(console.Error, string.Join(' ', faults.Select(Rename))).ConfigureAwait(false);
            return Failure;
        }
        GnuTlsLibrary.EnsureAvailable();
        foreach (var option in new[] { _snapToken, _acl }.Where(o => parse.GetValue(o) is not null))
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
        var checks = new StartChecks(options, TimeProvider.System, loggers.CreateLogger<MqttProxy>());
        await checks.RunAsync(SourceOf(parse, options, testnet), cancellationToken).ConfigureAwait(false);
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

    private ProxyOptions Read(ParseResult parse, TestnetFile? testnet)
    {
        var options = new ProxyOptions
        {
            Listen = parse.GetValue(_listen)!,
            Broker = Value(_broker, testnet?.Broker),
            SessionTickets = parse.GetValue(_sessionTickets),
            MaxSessions = parse.GetValue(_maxSessions),
            IdleTimeout = parse.GetValue(_idleTimeout),
            QlogDirectory = _diagnosis.QlogDirectory(parse),
        };
        var hasOwn = IsGiven(parse, _cert) || IsGiven(parse, _key);
        options.Tls.TrustedCertificates = Value(_caCert, testnet?.CaCert);
        options.Tls.Certificate = Value(_cert, hasOwn ? null : testnet?.ProxyCert);
        options.Tls.Key = Value(_key, hasOwn ? null : testnet?.ProxyKey);
        options.Tls.RevocationLists = parse.GetValue(_revocationList);
        options.Tls.KeyLogFile = _diagnosis.KeyLogFile(parse);
        return options;

        string Value(Option<string> option, string? ofTestnet) =>
            IsGiven(parse, option) || ofTestnet is null ? parse.GetValue(option)! : ofTestnet;
    }

    // Only where the command line and the working directory name no certificates of the proxy's own.
    private bool FindsTestnet(ParseResult parse) =>
        !IsGiven(parse, _caCert) && !IsGiven(parse, _cert) && !IsGiven(parse, _key)
        && (File.Exists(TestnetFile.Name) || !File.Exists(parse.GetValue(_cert)));

    // Who can tell whether this host is in the AS that it is to listen in; null when nobody can.
    private ScionOptions? SourceOf(ParseResult parse, ProxyOptions options, TestnetFile? testnet)
    {
        if (parse.GetValue(_endhostApi) is { } given)
            return new ScionOptions { EndhostApi = new Uri(given) };
        var listen = ScionEndPoint.Parse(options.Listen);
        if (testnet is not null)
        {
            // All its ASes are on this host; one that it does not have, any endhost API of it denies.
            var url = testnet.TryGetEndhostApi(listen.IsdAs.ToString(), out var api) ? api : testnet.EndhostApi;
            return url is null ? null : new ScionOptions { EndhostApi = new Uri(url) };
        }
        return string.IsNullOrEmpty(Environment.GetEnvironmentVariable(PathSources.DaemonVariable))
            ? null
            : new ScionOptions();
    }

    private static bool IsGiven(ParseResult parse, Option option) => parse.GetResult(option) is { Implicit: false };

    private static void Check(Option option, Func<string, string?> faultOf) => option.Validators.Add(result =>
    {
        foreach (var token in result.Tokens)
        {
            if (faultOf(token.Value) is { } fault)
                result.AddError($"{option.Name}: {fault}");
        }
    });

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
        error.WriteLineAsync($"{Program}: " + TerminalText.Escape(string.Join(' ', message.Split(Breaks, Trimmed))));

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
