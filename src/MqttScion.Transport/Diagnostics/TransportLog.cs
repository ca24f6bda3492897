using Microsoft.Extensions.Logging;
using MqttScion.Scion;

namespace MqttScion.Transport;

/// <summary>The log events of the transport. Event names and numbers are API.</summary>
internal static partial class TransportLog
{
    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "The endpoint loop of {Local} ended by a defect.")]
    public static partial void LoopFailed(ILogger log, Exception error, ScionEndPoint local);

    [LoggerMessage(EventId = 2, Level = LogLevel.Debug, Message = "SCMP from {Source}: {Message}: {Reaction}.")]
    public static partial void ScmpReceived(
        ILogger log, ScionEndPoint source, ScmpMessage message, ScmpReaction reaction);

    [LoggerMessage(EventId = 5, Level = LogLevel.Debug, Message = "The TLS session with {Remote} was resumed.")]
    public static partial void SessionResumed(ILogger log, ServerAddress remote);

    [LoggerMessage(EventId = 7, Level = LogLevel.Warning, Message = "Attempt at {Server} over {Path} failed: {Cause}")]
    public static partial void AttemptFailed(ILogger log, ServerAddress server, object path, string cause);

    [LoggerMessage(EventId = 11, Level = LogLevel.Warning,
        Message = "Path {Path} announces an MTU of {Mtu} bytes, too small for QUIC's 1200; it is used all the same.")]
    public static partial void PathMtuTooSmall(ILogger log, ScionPath path, int mtu);

    [LoggerMessage(EventId = 12, Level = LogLevel.Warning,
        Message = "The paths to {Destination} could not be looked up; those known are used until they expire: {Cause}")]
    public static partial void RefreshFailed(ILogger log, IsdAs destination, string cause);

    [LoggerMessage(EventId = 13, Level = LogLevel.Information, Message = "Sending to {Remote} over {Path} now: {Why}.")]
    public static partial void PathChanged(ILogger log, ScionEndPoint remote, ScionPath path, string why);

    [LoggerMessage(EventId = 14, Level = LogLevel.Debug,
        Message = "The path source was not told that {Interface} is down: {Cause}")]
    public static partial void DownReportFailed(ILogger log, PathInterface @interface, string cause);

    [LoggerMessage(EventId = 17, Level = LogLevel.Warning,
        Message = "The traffic secrets of all connections go to {File}: with it, captured traffic can be read.")]
    public static partial void KeysLogged(ILogger log, string file);

    [LoggerMessage(EventId = 18, Level = LogLevel.Warning, Message = "The key log {File} can't be written: {Cause}")]
    public static partial void KeyLogFailed(ILogger log, string file, string cause);

    [LoggerMessage(EventId = 19, Level = LogLevel.Warning,
        Message = "The trace {File} can't be written and has ended: {Cause}")]
    public static partial void QlogFailed(ILogger log, string file, string cause);

    [LoggerMessage(EventId = 20, Level = LogLevel.Warning,
        Message = "The trace {File} lacks {Bytes} bytes: the disk did not keep up.")]
    public static partial void QlogDropped(ILogger log, string file, long bytes);

    [LoggerMessage(EventId = 21, Level = LogLevel.Warning,
        Message = "There is no trace {File}: {Count} are being written already, which is the most.")]
    public static partial void QlogLeftOut(ILogger log, string file, int count);

    [LoggerMessage(EventId = 30, Level = LogLevel.Debug,
        Message = "{Count} paths to {Destination} can be tried, the first is {Path}.")]
    public static partial void PathsFound(ILogger log, int count, IsdAs destination, ScionPath path);

    [LoggerMessage(EventId = 9, Level = LogLevel.Warning, Message = "An observer of {Stream} threw and is detached.")]
    public static partial void ObserverFailed(ILogger log, Exception error, string stream);

    [LoggerMessage(EventId = 36, Level = LogLevel.Information,
        Message = "The certificate files have changed and are used from now on.")]
    public static partial void CertificatesRenewed(ILogger log);

    [LoggerMessage(EventId = 37, Level = LogLevel.Warning,
        Message = "The certificate files can't be used; those of before are, revocations too: {Cause}")]
    public static partial void CertificatesUnusable(ILogger log, string cause);

    [LoggerMessage(EventId = 38, Level = LogLevel.Information,
        Message = "Answering {Remote} on another path now: {Why}.")]
    public static partial void AnswersElsewhere(ILogger log, ServerAddress remote, string why);
}
