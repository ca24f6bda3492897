using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using System.Net.Sockets;
using MqttScion.Scion;

namespace MqttScion.Cli;

/// <summary>The options of all commands that use SCION paths: where paths come from, from where to send, and which
/// paths may be used.</summary>
internal sealed class PathOptions
{
    private const string NoSource =
        "expected a source of paths: --endhost-api, --daemon, --topology-file, --bootstrap or --paths-file, "
        + $"the environment variable {PathSources.DaemonVariable}, or a test network that runs ('testnet up').";

    /// <summary>The port of SCION daemons, unless another is named.</summary>
    public const int DaemonPort = 30255;
    /// <summary>The port of bootstrap servers, unless another is named.</summary>
    public const int BootstrapPort = 8041;
    private const string DaemonForm = "a form like 127.0.0.1:30255 or a URL";

    private readonly Option<string?> _endhostApi = Create(
        "--endhost-api", "url", "Paths from the endhost API at this URL, such as http://127.0.0.1:10231.");

    private readonly Option<string?> _daemon = Create(
        "--daemon",
        "address",
        $"Paths from the SCION daemon at this address, such as 127.0.0.1:30255. Default: {PathSources.DaemonVariable} "
        + "of the environment.");

    private readonly Option<string?> _topologyFile = Create(
        "--topology-file", "file", "Paths from the control service that a topology.json names, without a daemon.");

    private readonly Option<string?> _bootstrap = Create(
        "--bootstrap",
        "address",
        "As --topology-file, with the topology from the bootstrap server at this address, such as 10.0.0.1:8041.");

    private readonly Option<string?> _pathsFile = Create(
        "--paths-file", "file", "Paths from a file, such as 'paths --write' makes.");

    private readonly TestnetOption _testnet = new();

    private readonly Option<string?> _snapToken = Create(
        "--snap-token",
        "file",
        "File with the bearer token for the endhost API. (Sending through a SNAP itself is not supported yet.)");

    private readonly Option<string?> _isdAs = Create(
        "--isd-as", "isd-as", "Local AS to start from. Default: the first that has paths.", "--local-as");

    private readonly Option<string?> _bind = Create(
        "--bind",
        "address",
        "Local address, such as 10.0.0.5:0 or [1-ff00:0:111,10.0.0.5]:0. Default: the one that leads to the border "
        + "router, with a port to which it delivers.",
        "--local");

    private readonly Option<string?> _acl = Create(
        "--acl",
        "list",
        "Which ASes a path may touch, such as \"- 1-ff00:0:120 +\"; the last operator is the default.");

    private readonly Option<string?> _sequence = Create(
        "--sequence", "sequence", "Which ASes a path must follow, such as \"1-ff00:0:111 0* 2-ff00:0:211\".");

    private readonly Option<string?> _policy = Create(
        "--policy", "file", "File with a path policy in JSON, with the keys acl, sequence, options and so on.");

    /// <summary>Makes the options, with the checks that need nothing but their text.</summary>
    public PathOptions()
    {
        Check(_endhostApi, IsHttp, "a URL like http://127.0.0.1:10231");
        Check(_bootstrap, IsServer, "a form like 10.0.0.1:8041 or a URL");
        Check(_daemon, IsServer, DaemonForm);
        Check(_isdAs, text => IsdAs.TryParse(text, out var isdAs) && !isdAs.IsWildcard, "a form like 1-ff00:0:111");
        Check(
            _bind,
            text => TryParseBind(text, out _, out var bind) && !IsAny(bind.Address),
            "one address of this host in a form like 10.0.0.5:0 or [1-ff00:0:110,10.0.0.5]:0");
        _acl.Validators.Add(result =>
        {
            if (!AclPolicy.TryParse(result.GetValueOrDefault<string>(), out _, out var problem))
                result.AddError($"--acl: {problem}.");
        });
        _sequence.Validators.Add(result =>
        {
            if (!SequencePolicy.TryParse(result.GetValueOrDefault<string>(), out _, out var problem))
                result.AddError($"--sequence: {problem}.");
        });
    }

    /// <summary>The source that counts, of those that are set: its kind and where it is.</summary>
    public static (string Kind, string Where) SourceOf(ScionOptions options) => options switch
    {
        { PathsFile: { } file } => ("paths file", file),
        { EndhostApi: { } url } => ("endhost API", url.ToString().TrimEnd('/')),
        { Daemon: { } daemon } => ("daemon", daemon),
        { TopologyFile: { } file } => ("topology file", file),
        { BootstrapServer: { } url } => ("bootstrap server", url.ToString().TrimEnd('/')),
        _ => ("daemon", Environment.GetEnvironmentVariable(PathSources.DaemonVariable) ?? ""),
    };

    /// <summary>The local AS that is asked for; null for any.</summary>
    public static IsdAs? LocalIsdAsOf(ScionOptions options) =>
        options.LocalIsdAs is { } asked ? IsdAs.Parse(asked)
        : options.Bind is { } bind && TryParseBind(bind, out var isdAs, out _) ? isdAs
        : null;

    /// <summary>The local address that is asked for; null for any.</summary>
    public static IPEndPoint? BindOf(ScionOptions options) =>
        options.Bind is { } bind && TryParseBind(bind, out _, out var endPoint) ? endPoint : null;

    /// <summary>What is allowed, in the order in which the paths come: ACL, sequence and policy file.</summary>
    public static IPathPolicy FilterOf(ScionOptions options)
    {
        IPathPolicy?[] parts =
        [
            options.Acl is { } acl ? AclPolicy.Parse(acl) : null,
            options.Sequence is { } sequence ? SequencePolicy.Parse(sequence) : null,
            options.PathPolicy,
        ];
        var policies = parts.OfType<IPathPolicy>().ToList();
        return policies.Count == 0 ? PathPolicies.Any() : policies.Aggregate((first, second) => first.Then(second));
    }

    /// <summary>Adds the options to a command, which then refuses a command line without a source.</summary>
    /// <param name="command">The command.</param>
    /// <param name="needsSource">Whether a command line needs a source; null for always.</param>
    public void AddTo(Command command, Func<CommandResult, bool>? needsSource = null)
    {
        foreach (var option in new[]
        {
            _endhostApi, _daemon, _topologyFile, _bootstrap, _pathsFile, _snapToken, _isdAs, _bind,
            _acl, _sequence, _policy,
        })
        {
            command.Options.Add(option);
        }
        _testnet.AddTo(command);
        command.Validators.Add(result =>
        {
            if (needsSource?.Invoke(result) == false || HasSource(result.GetResult) || _testnet.IsGiven(result))
                return;
            if (DaemonOfEnvironment() is { } daemon)
            {
                if (!IsServer(daemon))
                    result.AddError($"{PathSources.DaemonVariable}: expected {DaemonForm}, found '{daemon}'.");
            }
            else if (TestnetOption.FindFile() is not { } file)
                result.AddError($"{command.Name}: {NoSource}");
            else if (TestnetFile.FindRunning() is null)
                result.AddError($"{command.Name}: {NoSource} The one of '{file}' no longer runs.");
        });
    }

    /// <summary>The options as the library takes them.</summary>
    /// <exception cref="CommandException">The token file is empty.</exception>
    /// <exception cref="FormatException">The policy file is malformed.</exception>
    /// <exception cref="IOException">A file can't be read.</exception>
    public ScionOptions Read(ParseResult parse)
    {
        var options = new ScionOptions();
        ApplyTo(options, parse);
        return options;
    }

    /// <summary>As <see cref="Read"/>, into options that are there.</summary>
    /// <param name="options">What is set.</param>
    /// <param name="parse">The command line.</param>
    /// <param name="needsSource">False where paths are not needed: then a test network counts only when it is named.
    /// </param>
    /// <returns>The test network from which the paths come, or which is named; null for none.</returns>
    public TestnetFile? ApplyTo(ScionOptions options, ParseResult parse, bool needsSource = true)
    {
        options.EndhostApi = parse.GetValue(_endhostApi) is { } api ? new Uri(api) : null;
        options.Daemon = parse.GetValue(_daemon) is { } daemon ? ServerUrl(daemon, DaemonPort) : null;
        options.TopologyFile = parse.GetValue(_topologyFile);
        options.BootstrapServer = parse.GetValue(_bootstrap) is { } bootstrap
            ? new Uri(ServerUrl(bootstrap, BootstrapPort))
            : null;
        options.PathsFile = parse.GetValue(_pathsFile);
        options.Token = parse.GetValue(_snapToken) is { } file
            ? OptionFile.Read(_snapToken.Name, file, ReadToken)
            : null;
        options.LocalIsdAs = parse.GetValue(_isdAs);
        options.Bind = parse.GetValue(_bind);
        options.Acl = parse.GetValue(_acl);
        options.Sequence = parse.GetValue(_sequence);
        options.PathPolicy = parse.GetValue(_policy) is { } policy
            ? OptionFile.Read<IPathPolicy>(_policy.Name, policy, each => JsonPathPolicy.FromFile(each))
            : null;
        var hasSource = HasSource(parse.GetResult);
        var testnet = _testnet.Find(parse, finds: needsSource && !hasSource && DaemonOfEnvironment() is null);
        if (testnet is not null && !hasSource)
        {
            options.EndhostApi = testnet.EndhostApi is { } url
                ? new Uri(url)
                : throw new CommandException(
                    $"The test network of '{testnet.Directory}' has no endhost API for clients; name a path source.");
        }
        return testnet;
    }

    private bool HasSource(Func<Option, OptionResult?> given) => Array.Exists(
        [_endhostApi, _daemon, _topologyFile, _bootstrap, _pathsFile], source => given(source) is not null);

    private static string? DaemonOfEnvironment() =>
        Environment.GetEnvironmentVariable(PathSources.DaemonVariable) is { Length: > 0 } daemon ? daemon : null;

    private static Option<string?> Create(string name, string helpName, string description, params string[] aliases) =>
        new(name, aliases) { Description = description, HelpName = helpName };

    private static void Check(Option<string?> option, Func<string, bool> isRight, string expected) =>
        option.Validators.Add(result =>
        {
            var text = result.GetValueOrDefault<string>() ?? "";
            if (!isRight(text))
                result.AddError($"{option.Name}: expected {expected}, found '{text}'.");
        });

    private static bool IsHttp(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https";

    // Without a port it is the customary one; a bare word is more likely a slip than a host.
    private static bool IsServer(string text) => text.Contains("://", StringComparison.Ordinal)
        ? IsHttp(text)
        : IsHttp("http://" + text)
            && (text == "localhost" || text.Contains('.', StringComparison.Ordinal) || HasPort(text)
                || IPAddress.TryParse(text.Trim('[', ']'), out _));

    // The URL of a server that was named by host, host:port or a URL, with the customary port where none is named.
    internal static string ServerUrl(string text, int port)
    {
        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        var (start, rest) = scheme < 0 ? ("http://", text) : (text[..(scheme + 3)], text[(scheme + 3)..]);
        var end = rest.IndexOfAny(['/', '?']);
        var (host, path) = end < 0 ? (rest, "") : (rest[..end], rest[end..]);
        host = IPAddress.TryParse(host, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6
            && !host.StartsWith('[') ? $"[{host}]" : host;
        var isPortGiven = host.LastIndexOf(':') > host.LastIndexOf(']');
        return isPortGiven || start == "https://" ? start + host + path : $"{start}{host}:{port}{path}";
    }

    private static bool HasPort(string text) =>
        text.LastIndexOf(':') is > 0 and var colon && ushort.TryParse(text.AsSpan(colon + 1), out _);

    private static bool IsAny(IPAddress address) =>
        address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private static bool TryParseBind(string text, out IsdAs? isdAs, out IPEndPoint endPoint)
    {
        if (ScionEndPoint.TryParse(text, out var scion) && scion.TryGetIPEndPoint(out endPoint!))
        {
            isdAs = scion.IsdAs;
            return true;
        }
        isdAs = null;
        return IPEndPoint.TryParse(text, out endPoint!);
    }

    private static string ReadToken(string file)
    {
        var token = File.ReadAllText(file).Trim();
        return token.Length > 0 ? token : throw new CommandException($"--snap-token: the file '{file}' is empty.");
    }
}
