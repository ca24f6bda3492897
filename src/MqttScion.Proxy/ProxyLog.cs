using Microsoft.Extensions.Logging;
using MqttScion.Scion;

namespace MqttScion.Proxy;

/// <summary>The log events of the proxy. Event names are API.</summary>
internal static partial class ProxyLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Listening on {Local}; the broker is {Broker}.")]
    public static partial void Listening(ILogger log, ScionEndPoint local, string broker);

    [LoggerMessage(Level = LogLevel.Information, Message = "Session of {Client} opened.")]
    public static partial void SessionOpened(ILogger log, ScionEndPoint client);

    [LoggerMessage(Level = LogLevel.Information, Message = "Session of {Client} ended: {Cause}, {Detail}.")]
    public static partial void SessionEnded(ILogger log, ScionEndPoint client, SessionEndCause cause, string detail);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Client} opened no session: {Cause}")]
    public static partial void ClientRefused(ILogger log, ScionEndPoint client, string cause);

    [LoggerMessage(Level = LogLevel.Information,
        Message = "The certificate files have changed and are used from now on.")]
    public static partial void CertificatesRenewed(ILogger log);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "The certificate files can't be used; those of before are, revocations too: {Cause}")]
    public static partial void CertificatesUnusable(ILogger log, string cause);

    [LoggerMessage(Level = LogLevel.Warning, Message = "An observer of '{Stream}' threw and was detached.")]
    public static partial void ObserverFailed(ILogger log, Exception error, string stream);

    [LoggerMessage(Level = LogLevel.Error,
        Message = "The bridge of a session ended by a defect; no further session is served.")]
    public static partial void BridgeFailed(ILogger log, Exception error);
}
