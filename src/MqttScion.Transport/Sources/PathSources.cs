using MqttScion.Scion;

namespace MqttScion;

/// <summary>Makes the path source that options describe.</summary>
public static class PathSources
{
    /// <summary>The environment variable that names a SCION daemon, as scionproto's programs read it.</summary>
    public const string DaemonVariable = "SCION_DAEMON";

    /// <summary>
    /// The source of <paramref name="options"/>, with retries (exponential back-off) and a cache around it. Of several
    /// that are set, the first counts: <see cref="ScionOptions.PathSource"/>, which is used as it is,
    /// <see cref="ScionOptions.PathsFile"/>, <see cref="ScionOptions.EndhostApi"/>, <see cref="ScionOptions.Daemon"/>,
    /// <see cref="ScionOptions.TopologyFile"/>, <see cref="ScionOptions.BootstrapServer"/>; when none is, the
    /// environment variable <c>SCION_DAEMON</c>.
    /// </summary>
    /// <param name="options">The options.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <returns>The source; the caller disposes it, which leaves <see cref="ScionOptions.PathSource"/> alone.</returns>
    /// <exception cref="ArgumentException">No source is set, or an option is out of its range.</exception>
    public static OwnedPathSource Create(ScionOptions options, TimeProvider? time = null)
    {
        time ??= TimeProvider.System;
        var source = CreateUncached(options, time);
        if (options.PathSource is not null)
        {
            return source;
        }
        var caching = new CachingPathSource(source, options: null, time);
        return new OwnedPathSource(caching, [caching, source]);
    }

    /// <summary>As <see cref="Create"/>, without the cache: for those who keep the paths themselves.</summary>
    internal static OwnedPathSource CreateUncached(ScionOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.PathSource is { } given)
        {
            return new OwnedPathSource(given, owned: []);
        }
        var retrying = new RetryingPathSource(CreateBare(options, time), time);
        return new OwnedPathSource(retrying, [retrying]);
    }

    /// <summary>The daemon that the environment names, or null.</summary>
    internal static string? DaemonOfEnvironment() =>
        Environment.GetEnvironmentVariable(DaemonVariable) is { Length: > 0 } daemon ? daemon : null;

    /// <summary>Reads <c>host:port</c> or a URL, the two ways to name a daemon.</summary>
    internal static bool TryParseDaemon(string text, out Uri url)
    {
        var full = text.Contains("://", StringComparison.Ordinal) ? text : "http://" + text;
        return Uri.TryCreate(full, UriKind.Absolute, out url!) && url.Scheme is "http" or "https";
    }

    private static IPathSource CreateBare(ScionOptions options, TimeProvider time)
    {
        if (options.PathsFile is { } file)
        {
            return new FilePathSource(file, time);
        }
        if (options.EndhostApi is { } endhostApi)
        {
            var endhost = new EndhostApiOptions { Url = endhostApi, Token = options.Token };
            return new EndhostApiPathSource(endhost, time);
        }
        if ((options.Daemon ?? FallbackDaemon(options)) is { } daemon)
        {
            return TryParseDaemon(daemon, out var url)
                ? new DaemonPathSource(new DaemonOptions { Url = url }, time)
                : throw new ArgumentException($"Scion.Daemon: expected host:port or a URL, found '{daemon}'.");
        }
        if (options.TopologyFile is null && options.BootstrapServer is null)
        {
            throw new ArgumentException(ScionOptions.NoSource);
        }
        var isFile = options.TopologyFile is not null;
        var standalone = new StandaloneOptions
        {
            TopologyFile = options.TopologyFile,
            BootstrapServer = isFile ? null : options.BootstrapServer,
        };
        return new StandalonePathSource(standalone, time);
    }

    private static string? FallbackDaemon(ScionOptions options) =>
        options.TopologyFile is null && options.BootstrapServer is null ? DaemonOfEnvironment() : null;
}
