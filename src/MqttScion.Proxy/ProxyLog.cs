using System.Net;
using Microsoft.Extensions.Logging;
using MqttScion.Scion;

namespace MqttScion.Proxy;

/// <summary>The log events of the proxy. Event names and numbers are API.</summary>
internal static partial class ProxyLog
{
    [LoggerMessage(EventId = 1, Level = LogLevel.Information,
        Message = "Listening on {Local}; the broker is {Broker}.")]
    public static partial void Listening(ILogger log, ScionEndPoint local, string broker);

    [LoggerMessage(EventId = 2, Level = LogLevel.Information, Message = "Session of {Client} opened by {Subject}.")]
    public static partial void SessionOpened(ILogger log, ScionEndPoint client, string subject);

    [LoggerMessage(EventId = 3, Message = "Session of {Client} ended: {Cause}, {Detail}.")]
    public static partial void SessionEnded(
        ILogger log, LogLevel level, ScionEndPoint client, SessionEndCause cause, string detail);

    [LoggerMessage(EventId = 4, Message = "{Client} opened no session: {Cause}")]
    public static partial void ClientRefused(ILogger log, LogLevel level, ScionEndPoint client, string cause);

    [LoggerMessage(EventId = 6, Level = LogLevel.Warning,
        Message = "The certificate files can't be used; those of before are, revocations too: {Cause}")]
    public static partial void CertificatesUnusable(ILogger log, string cause);

    [LoggerMessage(EventId = 7, Level = LogLevel.Warning,
        Message = "An observer of '{Stream}' threw and was detached.")]
    public static partial void ObserverFailed(ILogger log, Exception error, string stream);

    [LoggerMessage(EventId = 8, Level = LogLevel.Error,
        Message = "The bridge of a session ended by a defect; no further session is served.")]
    public static partial void BridgeFailed(ILogger log, Exception error);

    [LoggerMessage(EventId = 9, Level = LogLevel.Information, Message = "Stopping, with {Count} clients connected.")]
    public static partial void Stopping(ILogger log, int count);

    [LoggerMessage(EventId = 10, Level = LogLevel.Information, Message = "Stopped.")]
    public static partial void Stopped(ILogger log);

    [LoggerMessage(EventId = 11, Level = LogLevel.Warning, Message = "{Problem}")]
    public static partial void StartsWithFault(ILogger log, string problem);

    [LoggerMessage(EventId = 12, Level = LogLevel.Debug, Message = "{Client} begins, one of {Count} clients.")]
    public static partial void ClientArrived(ILogger log, ScionEndPoint client, int count);

    [LoggerMessage(EventId = 13, Level = LogLevel.Debug,
        Message = "Session of {Client} has reached the broker, from {Local}.")]
    public static partial void BrokerConnected(ILogger log, ScionEndPoint client, EndPoint? local);

    [LoggerMessage(EventId = 14, Level = LogLevel.Debug,
        Message = "Session of {Client} carried {Sent} bytes to the broker and {Received} back.")]
    public static partial void SessionCarried(ILogger log, ScionEndPoint client, long sent, long received);

    [LoggerMessage(EventId = 15, Level = LogLevel.Trace, Message = "{Client}: {Count} bytes to the broker.")]
    public static partial void BytesSent(ILogger log, ScionEndPoint client, int count);

    [LoggerMessage(EventId = 16, Level = LogLevel.Trace, Message = "{Client}: {Count} bytes from the broker.")]
    public static partial void BytesReceived(ILogger log, ScionEndPoint client, int count);
}
