using System.CommandLine;
using System.CommandLine.Parsing;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using MqttScion.Quic;

namespace MqttScion.Cli;

/// <summary>The argument and options that <c>pub</c> and <c>sub</c> share: whom to reach, how, and as whom.</summary>
internal sealed class ConnectionOptions
{
    private readonly Argument<string> _remote = new("REMOTE")
    {
        Description = "Address of the proxy or broker: on SCION, such as [1-ff00:0:110,10.0.0.2]:4433, or for a broker "
            + "that speaks MQTT over QUIC on plain IP, such as mqtt-quic://broker.example:14567.",
    };

    private readonly Option<string?> _host = new("--host")
    {
        Description = "Name that the server's certificate must carry. Default: the host of REMOTE.",
        HelpName = "name",
    };

    private readonly PathOptions _paths = new();

    private readonly Option<string> _caCert = File(
        "--ca-cert", "CA certificates that the server's must lead to.", "ca-cert.pem");

    private readonly Option<string> _cert = File("--cert", "Certificate of this client.", "client-cert.pem");
    private readonly Option<string> _key = File("--key", "Private key of that certificate.", "client-key.pem");

    private readonly Option<string?> _clientId = new("--client-id")
    {
        Description = "MQTT client identifier. Default: mqtt-scion- and eight random digits.",
        HelpName = "id",
    };

    private readonly Option<bool> _stun = new("--stun")
    {
        Description = "Ask the border router by STUN for the address of this host, and send from it: behind a NAT.",
    };

    private readonly Option<bool> _verbose = new("--verbose", "-v")
    {
        Description = "Also tell on the standard error what happens to the connection and its SCION paths.",
    };

    private readonly Option<bool> _stats = new("--stats")
    {
        Description = "Also tell on the standard error how the connection does: a line a second in which it changed.",
    };

    private readonly Option<string> _log = LogOption.Create("warn");
    private readonly DiagnosisOptions _diagnosis = new();
    private readonly SessionOptions _session = new();

    /// <summary>Makes the options, with the checks that need nothing but their text.</summary>
    public ConnectionOptions()
    {
        _remote.Validators.Add(CheckRemote);
    }

    /// <summary>Adds REMOTE to a command; what follows it comes after.</summary>
    public void AddRemoteTo(Command command) => command.Arguments.Add(_remote);

    /// <summary>Adds the options to a command.</summary>
    public void AddOptionsTo(Command command)
    {
        foreach (var option in new Option[]
        {
            _host, _caCert, _cert, _key, _clientId, _stun, _verbose, _stats, _log,
        })
        {
            command.Options.Add(option);
        }
        _session.AddTo(command, _clientId);
        _diagnosis.AddTo(command);
        _paths.AddTo(command, result => IsOnScion(result.GetValue(_remote)));
    }

    /// <summary>The loggers that the options ask for. The caller disposes them.</summary>
    public ILoggerFactory CreateLoggers(ParseResult parse) => LogOption.CreateLoggers(parse.GetValue(_log));

    /// <summary>Tells on the standard error what the options ask for. The caller disposes it.</summary>
    public ClientReport CreateReport(
        ParseResult parse, ScionMqttClient client, RepeatedFaults faults, bool tellsConnects) => new(
        client,
        parse.InvocationConfiguration.Error,
        faults,
        tellsConnects || IsVerbose(parse),
        tellsPaths: IsVerbose(parse),
        parse.GetValue(_stats));

    /// <summary>The options of the client that the command line describes.</summary>
    /// <exception cref="CommandException">An option is wrong; the text names each as the command line does.</exception>
    /// <exception cref="TlsUnavailableException">The library for TLS is absent.</exception>
    public ScionMqttClientOptions Read(ParseResult parse)
    {
        var options = new ScionMqttClientOptions
        {
            OnRefusal = RefusalAction.Stop, // A person is there to mend it.
            ClientId = parse.GetValue(_clientId)
                ?? "mqtt-scion-" + RandomNumberGenerator.GetHexString(8, lowercase: true),
        };
        options.Servers.Add(parse.GetValue(_remote)!);
        var isOnScion = IsOnScion(parse.GetValue(_remote));
        var testnet = _paths.ApplyTo(options.Scion, parse, needsSource: isOnScion);
        options.Scion.UseStun = parse.GetValue(_stun);
        options.Tls.ServerName = parse.GetValue(_host);
        options.Tls.TrustedCertificates = FileOf(parse, _caCert, testnet?.CaCert);
        // Brokers on plain IP may know no client certificates: only one that is named is presented.
        if (isOnScion || IsGiven(parse, _cert) || IsGiven(parse, _key))
        {
            var takesOwn = IsGiven(parse, _cert) || IsGiven(parse, _key);
            options.Tls.Certificate = FileOf(parse, _cert, takesOwn ? null : testnet?.ClientCert);
            options.Tls.Key = FileOf(parse, _key, takesOwn ? null : testnet?.ClientKey);
        }
        _session.ApplyTo(options, parse);
        options.Tls.KeyLogFile = _diagnosis.KeyLogFile(parse);
        options.QlogDirectory = _diagnosis.QlogDirectory(parse);
        var faults = options.Validate();
        if (faults.Count > 0)
            throw new CommandException(FaultText.Of(faults, ("Servers", "REMOTE"), ("Will", "--will-topic")));
        QuicCrypto.Default.EnsureAvailable();
        return options;
    }

    /// <summary>True with <c>-v</c>.</summary>
    public bool IsVerbose(ParseResult parse) => parse.GetValue(_verbose);

    private static Option<string> File(string name, string description, string defaultFile) => new(name)
    {
        Description = description + " A PEM file.",
        HelpName = "file",
        DefaultValueFactory = _ => defaultFile,
    };

    private static bool IsOnScion(string? remote) =>
        MqttEndPoint.TryParse(remote, out var endPoint) && endPoint.Scion is not null;

    private static string? FileOf(ParseResult parse, Option<string> file, string? ofTestnet) =>
        IsGiven(parse, file) || ofTestnet is null ? parse.GetValue(file) : ofTestnet;

    private static bool IsGiven(ParseResult parse, Option<string> file) => parse.GetResult(file) is { Implicit: false };

    private static void CheckRemote(ArgumentResult result)
    {
        if (!MqttEndPoint.TryParse(result.GetValueOrDefault<string>(), out _, out var problem))
            result.AddError("REMOTE: " + problem);
    }
}
