using Microsoft.Extensions.Logging;
using MqttScion.Mqtt;
using MqttScion.Scion;

namespace MqttScion;

/// <summary>The log events of this project. Event names are API.</summary>
internal static partial class EndpointLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "The endpoint loop of {Local} ended by a defect.")]
    public static partial void LoopFailed(ILogger log, Exception error, ScionEndPoint local);

    [LoggerMessage(Level = LogLevel.Debug, Message = "SCMP from {Source}: {Message}: {Reaction}.")]
    public static partial void ScmpReceived(
        ILogger log, ScionEndPoint source, ScmpMessage message, ScmpReaction reaction);

    [LoggerMessage(Level = LogLevel.Information, Message = "Connected to {Server} over {Path}.")]
    public static partial void Connected(ILogger log, MqttEndPoint server, object path);

    [LoggerMessage(Level = LogLevel.Information,
        Message = "{Server} allows {Count} of the {Asked} data streams that were asked for; the rest is carried by "
            + "those and the first stream.")]
    public static partial void FewDataStreams(ILogger log, MqttEndPoint server, int count, int asked);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The TLS session with {Remote} was resumed.")]
    public static partial void SessionResumed(ILogger log, MqttEndPoint remote);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "Connection lost: {Cause} Attempt {Attempt} follows in {Delay}.")]
    public static partial void Reconnecting(ILogger log, string cause, int attempt, TimeSpan delay);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Attempt at {Server} over {Path} failed: {Cause}")]
    public static partial void AttemptFailed(ILogger log, MqttEndPoint server, object path, string cause);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Attempt at {Server} failed: {Cause} Trying the next server.")]
    public static partial void ServerFailed(ILogger log, MqttEndPoint server, string cause);

    [LoggerMessage(Level = LogLevel.Warning, Message = "An observer of '{Filter}' threw and was detached.")]
    public static partial void ObserverFailed(ILogger log, Exception error, string filter);

    [LoggerMessage(Level = LogLevel.Error,
        Message = "The server refused '{Filter}' with {Code} (0x{Value:x2}), and nobody who subscribed is told.")]
    public static partial void FilterRefused(
        ILogger log, string filter, MqttClientSubscribeResultCode code, int value);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A listener of metrics or spans threw: {Cause}")]
    public static partial void ListenerFailed(ILogger log, Exception error, string cause);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "Path {Path} announces an MTU of {Mtu} bytes, too small for QUIC's 1200; it is used all the same.")]
    public static partial void PathMtuTooSmall(ILogger log, ScionPath path, int mtu);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "The paths to {Destination} could not be looked up; those known are used until they expire: {Cause}")]
    public static partial void RefreshFailed(ILogger log, IsdAs destination, string cause);

    [LoggerMessage(Level = LogLevel.Information, Message = "Sending to {Remote} over {Path} now: {Why}.")]
    public static partial void PathChanged(ILogger log, ScionEndPoint remote, ScionPath path, string why);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The path source was not told that {Interface} is down: {Cause}")]
    public static partial void DownReportFailed(ILogger log, PathInterface @interface, string cause);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Server} names {Other} in its place: {Code}.")]
    public static partial void ServerNamedAnother(
        ILogger log, MqttEndPoint server, MqttEndPoint other, MqttClientConnectResultCode code);

    [LoggerMessage(Level = LogLevel.Error,
        Message = "The outbox store failed; until it works, a crash can lose or repeat publishes.")]
    public static partial void OutboxStoreFailed(ILogger log, Exception error);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "The traffic secrets of all connections go to {File}: with it, captured traffic can be read.")]
    public static partial void KeysLogged(ILogger log, string file);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The key log {File} can't be written: {Cause}")]
    public static partial void KeyLogFailed(ILogger log, string file, string cause);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The trace {File} can't be written and has ended: {Cause}")]
    public static partial void QlogFailed(ILogger log, string file, string cause);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "The trace {File} lacks {Bytes} bytes: the disk did not keep up.")]
    public static partial void QlogDropped(ILogger log, string file, long bytes);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "There is no trace {File}: {Count} are being written already, which is the most.")]
    public static partial void QlogLeftOut(ILogger log, string file, int count);
}
