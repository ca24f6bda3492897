using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using MqttScion.Scion;

namespace MqttScion.Cli;

/// <summary>The options of all commands that use SCION paths: where paths come from, from where to send, and which
/// paths may be used.</summary>
internal sealed class PathOptions
{
    private const string NoSource =
        "expected a source of paths: --endhost-api, --daemon, --topology-file, --bootstrap or --paths-file, "
        + $"or the environment variable {PathSources.DaemonVariable}.";

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
        "--bootstrap", "url", "As --topology-file, with the topology from the bootstrap server at this URL.");

    private readonly Option<string?> _pathsFile = Create(
        "--paths-file", "file", "Paths from a file, such as 'paths --write' makes.");

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
        Check(_bootstrap, IsHttp, "a URL like http://10.0.0.1:8041");
        Check(_daemon, IsDaemon, "a form like 127.0.0.1:30255 or a URL");
        Check(_isdAs, text => IsdAs.TryParse(text, out var isdAs) && !isdAs.IsWildcard, "a form like 1-ff00:0:111");
        Check(_bind, text => TryParseBind(text, out _, out _), "a form like 10.0.0.5:0 or [1-ff00:0:110,10.0.0.5]:0");
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
        command.Validators.Add(result =>
        {
            Option<string?>[] sources = [_endhostApi, _daemon, _topologyFile, _bootstrap, _pathsFile];
            var isSet = Array.Exists(sources, source => result.GetResult(source) is not null)
                || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(PathSources.DaemonVariable));
            if (!isSet && needsSource?.Invoke(result) != false)
                result.AddError($"{command.Name}: {NoSource}");
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
    public void ApplyTo(ScionOptions options, ParseResult parse)
    {
        options.EndhostApi = parse.GetValue(_endhostApi) is { } api ? new Uri(api) : null;
        options.Daemon = parse.GetValue(_daemon);
        options.TopologyFile = parse.GetValue(_topologyFile);
        options.BootstrapServer = parse.GetValue(_bootstrap) is { } bootstrap ? new Uri(bootstrap) : null;
        options.PathsFile = parse.GetValue(_pathsFile);
        options.Token = parse.GetValue(_snapToken) is { } file ? ReadToken(file) : null;
        options.LocalIsdAs = parse.GetValue(_isdAs);
        options.Bind = parse.GetValue(_bind);
        options.Acl = parse.GetValue(_acl);
        options.Sequence = parse.GetValue(_sequence);
        options.PathPolicy = parse.GetValue(_policy) is { } policy ? JsonPathPolicy.FromFile(policy) : null;
    }

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

    private static bool IsDaemon(string text) =>
        IsHttp(text.Contains("://", StringComparison.Ordinal) ? text : "http://" + text);

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
