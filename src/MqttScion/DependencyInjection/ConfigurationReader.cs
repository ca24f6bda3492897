using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>
/// Fills options from a section of the configuration, without reflection. What it can't read it tells, and so it does
/// with keys that are no options.
/// </summary>
internal static class ConfigurationReader
{
    /// <summary>Options that are objects: only code can set them.</summary>
    public static readonly IReadOnlyList<string> CodeOnly =
    [
        "Will", "Authenticator", "Serializers", "OutboxStore", "Failover", "Scion:PathSource", "Scion:PathPolicy",
    ];

    private static readonly Dictionary<string, Action<ScionMqttClientOptions, ConfigurationValue>> Setters =
        new(StringComparer.OrdinalIgnoreCase)
        {
            ["Servers"] = (o, v) => v.Items(item => o.Servers.AddIfAny(item.Text())),
            ["ServerSelection"] = (o, v) => o.ServerSelection = v.Choice<ServerSelection>() ?? o.ServerSelection,
            ["ServersShareSessions"] = (o, v) => o.ServersShareSessions = v.Flag() ?? o.ServersShareSessions,
            ["MaxServerReferences"] = (o, v) => o.MaxServerReferences = v.Integer() ?? o.MaxServerReferences,
            ["CleanStart"] = (o, v) => o.CleanStart = v.Flag() ?? o.CleanStart,
            ["SessionExpiryInterval"] = (o, v) => o.SessionExpiryInterval = v.Duration() ?? o.SessionExpiryInterval,
            ["UnsubscribeDelay"] = (o, v) => o.UnsubscribeDelay = v.Duration() ?? o.UnsubscribeDelay,
            ["ResumedMessagesWait"] = (o, v) => o.ResumedMessagesWait = v.Duration() ?? o.ResumedMessagesWait,
            ["WillDelayInterval"] = (o, v) => o.WillDelayInterval = v.Duration() ?? o.WillDelayInterval,
            ["UserProperties"] = (o, v) => v.Items(item => AddProperty(o, item)),
            ["ClientId"] = (o, v) => o.ClientId = v.Text() ?? o.ClientId,
            ["UserName"] = (o, v) => o.UserName = v.Text() ?? o.UserName,
            ["Password"] = (o, v) => o.Password = v.Text() ?? o.Password,
            ["PasswordFile"] = (o, v) => o.PasswordFile = v.FilePath() ?? o.PasswordFile,
            ["OnRefusal"] = (o, v) => o.OnRefusal = v.Choice<RefusalAction>() ?? o.OnRefusal,
            ["RetryFirstConnect"] = (o, v) => o.RetryFirstConnect = v.Flag() ?? o.RetryFirstConnect,
            ["KeepAlivePeriod"] = (o, v) => o.KeepAlivePeriod = v.Duration() ?? o.KeepAlivePeriod,
            ["PingResponseTimeout"] = (o, v) => o.PingResponseTimeout = v.Duration() ?? o.PingResponseTimeout,
            ["HandshakeTimeout"] = (o, v) => o.HandshakeTimeout = v.Duration() ?? o.HandshakeTimeout,
            ["ConnectTimeout"] = (o, v) => o.ConnectTimeout = v.Duration() ?? o.ConnectTimeout,
            ["IdleTimeout"] = (o, v) => o.IdleTimeout = v.Duration() ?? o.IdleTimeout,
            ["PathsPerAttempt"] = (o, v) => o.PathsPerAttempt = v.Integer() ?? o.PathsPerAttempt,
            ["DataStreams"] = (o, v) => o.DataStreams = v.Integer() ?? o.DataStreams,
            ["ReceiveMaximum"] = (o, v) => o.ReceiveMaximum = v.Integer() ?? o.ReceiveMaximum,
            ["MaximumPacketSize"] = (o, v) => o.MaximumPacketSize = v.Integer() ?? o.MaximumPacketSize,
            ["MaxQueuedMessages"] = (o, v) => o.MaxQueuedMessages = v.Integer() ?? o.MaxQueuedMessages,
            ["MaxQueuedBytes"] = (o, v) => o.MaxQueuedBytes = v.Long() ?? o.MaxQueuedBytes,
            ["OnObserverFailure"] = (o, v) =>
                o.OnObserverFailure = v.Choice<ObserverFailureAction>() ?? o.OnObserverFailure,
            ["ServerSendsCopyPerSubscription"] = (o, v) =>
                o.ServerSendsCopyPerSubscription = v.Flag() ?? o.ServerSendsCopyPerSubscription,
            ["MaxPendingPublishes"] = (o, v) => o.MaxPendingPublishes = v.Integer() ?? o.MaxPendingPublishes,
            ["MaxPendingBytes"] = (o, v) => o.MaxPendingBytes = v.Long() ?? o.MaxPendingBytes,
            ["OutboxOverflow"] = (o, v) => o.OutboxOverflow = v.Choice<OutboxOverflow>() ?? o.OutboxOverflow,
            ["TopicAliasMaximum"] = (o, v) => o.TopicAliasMaximum = v.Integer() ?? o.TopicAliasMaximum,
            ["OutgoingTopicAliasMaximum"] = (o, v) =>
                o.OutgoingTopicAliasMaximum = v.Integer() ?? o.OutgoingTopicAliasMaximum,
            ["MaxReconnectDelay"] = (o, v) => o.MaxReconnectDelay = v.Duration() ?? o.MaxReconnectDelay,
            ["ReconnectDelay"] = (o, v) => o.ReconnectDelay = v.Duration() ?? o.ReconnectDelay,
            ["RequestTimeout"] = (o, v) => o.RequestTimeout = v.Duration() ?? o.RequestTimeout,
            ["ResponseTopicPrefix"] = (o, v) => o.ResponseTopicPrefix = v.Text() ?? o.ResponseTopicPrefix,
            ["StatisticsInterval"] = (o, v) => o.StatisticsInterval = v.Duration() ?? o.StatisticsInterval,
            ["PropagateTraceContext"] = (o, v) => o.PropagateTraceContext = v.Flag() ?? o.PropagateTraceContext,
            ["ResumeSessions"] = (o, v) => o.ResumeSessions = v.Flag() ?? o.ResumeSessions,
            ["QlogDirectory"] = (o, v) => o.QlogDirectory = v.FilePath() ?? o.QlogDirectory,
            ["Scion:EndhostApi"] = (o, v) => o.Scion.EndhostApi = v.Url() ?? o.Scion.EndhostApi,
            ["Scion:Token"] = (o, v) => o.Scion.Token = v.Text() ?? o.Scion.Token,
            ["Scion:Daemon"] = (o, v) => o.Scion.Daemon = v.Text() ?? o.Scion.Daemon,
            ["Scion:TopologyFile"] = (o, v) => o.Scion.TopologyFile = v.FilePath() ?? o.Scion.TopologyFile,
            ["Scion:BootstrapServer"] = (o, v) => o.Scion.BootstrapServer = v.Url() ?? o.Scion.BootstrapServer,
            ["Scion:PathsFile"] = (o, v) => o.Scion.PathsFile = v.FilePath() ?? o.Scion.PathsFile,
            ["Scion:Bind"] = (o, v) => o.Scion.Bind = v.Text() ?? o.Scion.Bind,
            ["Scion:UseStun"] = (o, v) => o.Scion.UseStun = v.Flag() ?? o.Scion.UseStun,
            ["Scion:LocalIsdAs"] = (o, v) => o.Scion.LocalIsdAs = v.Text() ?? o.Scion.LocalIsdAs,
            ["Scion:Acl"] = (o, v) => o.Scion.Acl = v.Text() ?? o.Scion.Acl,
            ["Scion:Sequence"] = (o, v) => o.Scion.Sequence = v.Text() ?? o.Scion.Sequence,
            ["Scion:ProbeInterval"] = (o, v) =>
                o.Scion.ProbeInterval = v.IsNothing ? null : v.Duration() ?? o.Scion.ProbeInterval,
            ["Tls:TrustedCertificates"] = (o, v) =>
                o.Tls.TrustedCertificates = v.FilePath() ?? o.Tls.TrustedCertificates,
            ["Tls:Certificate"] = (o, v) => o.Tls.Certificate = v.FilePath() ?? o.Tls.Certificate,
            ["Tls:Key"] = (o, v) => o.Tls.Key = v.FilePath() ?? o.Tls.Key,
            ["Tls:RevocationLists"] = (o, v) => o.Tls.RevocationLists = v.FilePath() ?? o.Tls.RevocationLists,
            ["Tls:ServerName"] = (o, v) => o.Tls.ServerName = v.Text() ?? o.Tls.ServerName,
            ["Tls:KeyLogFile"] = (o, v) => o.Tls.KeyLogFile = v.FilePath() ?? o.Tls.KeyLogFile,
        };

    private const int LeastLetters = 4;

    private static readonly string[] Groups = ["Scion", "Tls"];

    /// <summary>The keys that can be set.</summary>
    public static IReadOnlyCollection<string> Keys => Setters.Keys;

    /// <summary>Fills options.</summary>
    /// <param name="section">The section of one client.</param>
    /// <param name="options">The options.</param>
    /// <param name="name">The client's name, or empty.</param>
    /// <param name="root">The directory to which paths are relative; null for the working directory.</param>
    /// <exception cref="OptionsValidationException">A key is no option, or a value can't be read; all are named.
    /// </exception>
    public static void Apply(
        IConfiguration section, ScionMqttClientOptions options, string name, string? root = null)
    {
        var faults = new List<string>();
        if (section is IConfigurationSection named && !named.Exists())
        {
            faults.Add($"The section '{named.Path}' of the configuration is missing or empty.");
        }
        options.Section = (section as IConfigurationSection)?.Path;
        Apply(section, prefix: "", options, faults, root);
        if (faults.Count > 0)
        {
            throw new OptionsValidationException(
                name,
                typeof(ScionMqttClientOptions),
                faults.Select(fault => ScionMqttOptionsValidator.Named(name, fault)));
        }
    }

    private static void Apply(
        IConfiguration section, string prefix, ScionMqttClientOptions options, List<string> faults, string? root)
    {
        foreach (var child in section.GetChildren())
        {
            var key = prefix + child.Key;
            if (Setters.TryGetValue(key, out var set))
            {
                set(options, new ConfigurationValue(child, faults, root));
            }
            else if (Groups.Contains(key, StringComparer.OrdinalIgnoreCase) && child.Value is not { Length: > 0 })
            {
                Apply(child, key + ":", options, faults, root);
            }
            else
            {
                faults.Add(Refuse(child, key));
            }
        }
    }

    private static string Refuse(IConfigurationSection child, string key)
    {
        var place = child.Path.Length > child.Key.Length ? child.Path[..^(child.Key.Length + 1)] : "";
        var where = place.Length == 0 ? "at the root of the configuration" : $"in the section '{place}'";
        return CodeOnly.Contains(key, StringComparer.OrdinalIgnoreCase)
            ? $"'{child.Key}' {where}: only code can set it."
            : Groups.Contains(key, StringComparer.OrdinalIgnoreCase)
                ? $"'{child.Key}' {where}: expected a section, found a value."
                : $"'{child.Key}' {where} is not an option of a client.{Suggest(child.Key, key)}";
    }

    // The beginning of a key of the same group, or one with a letter more, less or other.
    private static string Suggest(string name, string key)
    {
        var prefix = key[..^name.Length];
        var near = Setters.Keys.Concat(CodeOnly).Concat(Groups)
            .Where(known => known.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            .Select(known => known[prefix.Length..])
            .Where(known => !known.Contains(':', StringComparison.Ordinal) && IsNear(known, name))
            .ToList();
        return near.Count == 0 ? "" : $" Did you mean {string.Join(" or ", near)}?";
    }

    private static bool IsNear(string known, string name)
    {
        if (name.Length >= LeastLetters && known.StartsWith(name, StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }
        var start = 0;
        var most = Math.Min(known.Length, name.Length);
        while (start < most && IsSame(known[start], name[start]))
        {
            start++;
        }
        var end = 0;
        while (end < most - start && IsSame(known[^(end + 1)], name[^(end + 1)]))
        {
            end++;
        }
        return Math.Max(known.Length, name.Length) - start - end <= 1; // What does not begin and end alike.
    }

    private static bool IsSame(char a, char b) => char.ToUpperInvariant(a) == char.ToUpperInvariant(b);

    private static void AddProperty(ScionMqttClientOptions options, ConfigurationValue item)
    {
        if (item.Member("Name") is { } name && item.Member("Value") is { } value)
        {
            options.UserProperties.Add(new MqttUserProperty(name, value));
        }
    }

    private static void AddIfAny(this IList<string> list, string? text)
    {
        if (text is not null)
        {
            list.Add(text);
        }
    }
}
