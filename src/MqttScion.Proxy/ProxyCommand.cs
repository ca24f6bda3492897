using System.CommandLine;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using MqttScion.Options;
using MqttScion.Quic;
using MqttScion.Scion;

namespace MqttScion.Proxy;

/// <summary>The command line <c>mqtt-scion-proxy</c>.</summary>
internal sealed class ProxyCommand
{
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

    private static readonly ConsoleProgram Program = new("mqtt-scion-proxy");

    private static readonly OptionRangeAttribute _sessionRange = RangeOf(nameof(ProxyOptions.MaxSessions));
    private static readonly OptionRangeAttribute _idleRange = RangeOf(nameof(ProxyOptions.IdleTimeout));

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
        Description = $"How many clients may be connected at once, {_sessionRange.Least} to {_sessionRange.Most}.",
        HelpName = "count",
        DefaultValueFactory = _ => new ProxyOptions().MaxSessions,
    };

    private readonly Option<TimeSpan> _idleTimeout = DurationOption.Create(
        "--idle-timeout",
        "How long a client may be silent before it counts as lost, "
            + $"{DurationText.Of((TimeSpan)_idleRange.Least)} to {DurationText.Of((TimeSpan)_idleRange.Most)}.",
        (TimeSpan)_idleRange.Least,
        (TimeSpan)_idleRange.Most,
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

    private readonly Option<string> _log = LogOption.Create("info");
    private readonly DiagnosisOptions _diagnosis = new();

    /// <summary>Parses and runs a command line; returns the exit code.</summary>
    /// <param name="args">The arguments without the program's name.</param>
    /// <param name="configuration">Where output and diagnostics go.</param>
    /// <param name="cancellationToken">Ends the proxy in order, as Ctrl-C does.</param>
    public static Task<int> RunAsync(
        IReadOnlyList<string> args,
        InvocationConfiguration configuration,
        CancellationToken cancellationToken = default) =>
        Program.RunAsync(new ProxyCommand().Create(), args, configuration, cancellationToken);

    /// <summary>Makes the command.</summary>
    private RootCommand Create()
    {
        var root = new RootCommand(Description)
        {
            _listen, _broker, _caCert, _cert, _key, _revocationList, _maxSessions, _idleTimeout, _sessionTickets,
            _mode, _endhostApi, _snapToken, _acl, _log,
        };
        _testnet.AddTo(root);
        _maxSessions.Limit(_sessionRange);
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
        root.SetAction((parse, cancellation) => Program.GuardAsync(
            parse.InvocationConfiguration.Error, token => RunAsync(parse, token), cancellation));
        return root;
    }

    // Ctrl-C is how a proxy ends in order.
    private async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        try
        {
            return await ServeAsync(parse, parse.InvocationConfiguration, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCode.Ok;
        }
        catch (SocketException e)
        {
            throw new CommandException($"--listen {parse.GetValue(_listen)}: {e.Message}", e);
        }
    }

    private async Task<int> ServeAsync(
        ParseResult parse, InvocationConfiguration console, CancellationToken cancellationToken)
    {
        var testnet = _testnet.Find(parse, finds: FindsTestnet(parse));
        var options = Read(parse, testnet);
        var faults = options.Validate();
        if (faults.Count > 0)
            throw new CommandException(FaultText.Of(faults, ("Listen", "--listen"), ("Broker", "--mqtt-broker")));
        QuicCrypto.Default.EnsureAvailable();
        foreach (var option in new[] { _snapToken, _acl }.Where(o => parse.GetValue(o) is not null))
        {
            await Program.TellAsync(
                console.Error, $"{option.Name} is not used: answers go back on the client's own path.")
                .ConfigureAwait(false);
        }
        using var loggers = LogOption.CreateLoggers(parse.GetValue(_log));
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
            await Program.TellAsync(console.Error, "the proxy was ended by a defect, see the log")
                .ConfigureAwait(false);
            return ExitCode.Failure;
        }
        return ExitCode.Ok;
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

    private static OptionRangeAttribute RangeOf(string name) =>
        (OptionRangeAttribute)OptionTable.Of<ProxyOptions>().Entries.Single(entry => entry.Name == name).Rule!;

    private static void Check(Option option, Func<string, string?> faultOf) => option.Validators.Add(result =>
    {
        foreach (var token in result.Tokens)
        {
            if (faultOf(token.Value) is { } fault)
                result.AddError($"{option.Name}: {fault}");
        }
    });

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
