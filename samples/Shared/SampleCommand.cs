using System.CommandLine;
using System.CommandLine.Parsing;
using System.Diagnostics;

namespace MqttScion.Samples;

/// <summary>
/// The command line of a sample. Without options it runs on an emulated SCION network in this process; with
/// <c>--server</c> it runs over yours.
/// </summary>
internal sealed class SampleCommand : RootCommand
{
    private readonly Option<string?> _broker = Text(
        "--broker", "host:port", "Use this MQTT broker behind the emulated network instead of an embedded one.");

    private readonly Option<string?> _server = Text(
        "--server",
        "address",
        "Use your proxy at this SCION address, such as [1-ff00:0:110,10.0.0.2]:4433, instead of an emulated network.");

    private readonly Option<string?> _endhostApi = Text(
        "--endhost-api", "url", "With --server: paths from the endhost API at this URL.");

    private readonly Option<string?> _daemon = Text(
        "--daemon",
        "address",
        "With --server: paths from the SCION daemon at this address. Default: SCION_DAEMON of the environment.");

    private readonly Option<string?> _caCert = PemFile("--ca-cert", "CA certificates that the proxy's must lead to.");
    private readonly Option<string?> _cert = PemFile("--cert", "Certificate of this client.");
    private readonly Option<string?> _key = PemFile("--key", "Private key of that certificate.");

    /// <summary>Makes the command line.</summary>
    /// <param name="description">What the sample shows.</param>
    /// <param name="options">Options of this sample alone.</param>
    public SampleCommand(string description, params Option[] options)
        : base(description)
    {
        foreach (var option in options.Concat([_broker, _server, _endhostApi, _daemon, _caCert, _cert, _key]))
        {
            Options.Add(option);
        }
        Validators.Add(Check);
    }

    /// <summary>Runs a sample that does the same number of things each time.</summary>
    /// <inheritdoc cref="RunAsync(string[], string, Func{ParseResult, int}, Func{SampleSettings, CancellationToken,
    /// Task{int}})"/>
    public Task<int> RunAsync(
        string[] args, string what, int count, Func<SampleSettings, CancellationToken, Task<int>> run) =>
        RunAsync(args, what, _ => count, run);

    /// <summary>Runs a sample to its last line, <c>WHAT N of N</c>; the exit code is 0 when all was done.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="what">What is counted.</param>
    /// <param name="count">How many there are to be.</param>
    /// <param name="run">The sample: gives how many there were.</param>
    public Task<int> RunAsync(
        string[] args,
        string what,
        Func<ParseResult, int> count,
        Func<SampleSettings, CancellationToken, Task<int>> run)
    {
        SetAction((parse, cancellation) =>
        {
            var settings = new SampleSettings(count(parse), parse.GetValue(_broker), OwnProxy(parse));
            return SampleRun.RunAsync(what, settings.Count, token => run(settings, token), cancellation);
        });
        return Parse(args).InvokeAsync();
    }

    private Access? OwnProxy(ParseResult parse) => parse.GetValue(_server) is not { } server
        ? null
        : new Access(
            server,
            parse.GetValue(_endhostApi),
            parse.GetValue(_daemon),
            FileOf(_caCert, parse.GetValue(_caCert)),
            FileOf(_cert, parse.GetValue(_cert)),
            FileOf(_key, parse.GetValue(_key)));

    private void Check(CommandResult result)
    {
        var hasServer = result.GetResult(_server) is not null;
        if (hasServer && result.GetResult(_broker) is not null)
        {
            result.AddError("--broker: your proxy (--server) has its broker already.");
        }
        foreach (var option in new Option[] { _endhostApi, _daemon, _caCert, _cert, _key })
        {
            if (!hasServer && result.GetResult(option) is not null)
            {
                result.AddError($"{option.Name}: expected --server too, the address of your proxy.");
            }
        }
        if (hasServer)
        {
            CheckServer(result);
        }
        if (result.GetValue(_endhostApi) is { } url && !Uri.TryCreate(url, UriKind.Absolute, out _))
        {
            result.AddError($"--endhost-api: expected a URL such as http://127.0.0.1:10231, found '{url}'.");
        }
    }

    private void CheckServer(CommandResult result)
    {
        if (!MqttEndPoint.TryParse(result.GetValue(_server), out _, out var problem))
        {
            result.AddError($"--server: {problem}");
        }
        if ((result.GetValue(_endhostApi)
            ?? result.GetValue(_daemon)
            ?? Environment.GetEnvironmentVariable(PathSources.DaemonVariable)) is null)
        {
            result.AddError("--server: expected --endhost-api or --daemon too: where paths to it come from.");
        }
        foreach (var option in new[] { _caCert, _cert, _key })
        {
            var file = FileOf(option, result.GetValue(option));
            if (!File.Exists(file))
            {
                result.AddError($"{option.Name}: the file '{file}' does not exist.");
            }
        }
    }

    private static Option<string?> Text(string name, string value, string description) =>
        new(name) { HelpName = value, Description = description };

    private static Option<string?> PemFile(string name, string description) =>
        Text(name, "file", $"With --server: {description} A PEM file. Default: {DefaultFile(name)}");

    private static string FileOf(Option option, string? file) => Path.GetFullPath(file ?? DefaultFile(option.Name));

    // As `mqtt-scion testnet up` names them.
    private static string DefaultFile(string option) => option switch
    {
        "--ca-cert" => "ca-cert.pem",
        "--cert" => "client-cert.pem",
        "--key" => "client-key.pem",
        _ => throw new UnreachableException($"{option} is no file."),
    };
}
