using Microsoft.Extensions.Logging;
using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>
/// The log events of the client. Event names and numbers are API; the numbers differ from those of the transport, which
/// logs into the same category.
/// </summary>
internal static partial class ClientLog
{
    /// <summary>What helps when a server's session is what carries a fault from one connection to the next.</summary>
    public const string StartCleanAdvice =
        "The server continues the same session each time, which may carry the fault: ConnectAsync with CleanStart, or "
        + "another ClientId, starts without it.";

    [LoggerMessage(EventId = 3, Level = LogLevel.Information, Message = "Connected to {Server} over {Path}.")]
    public static partial void Connected(ILogger log, MqttEndPoint server, object path);

    [LoggerMessage(EventId = 4, Level = LogLevel.Information,
        Message = "{Server} allows {Count} of the {Asked} data streams that were asked for; the rest is carried by "
            + "those and the first stream.")]
    public static partial void FewDataStreams(ILogger log, MqttEndPoint server, int count, int asked);

    [LoggerMessage(EventId = 6, Level = LogLevel.Warning,
        Message = "Connection lost: {Cause} Attempt {Attempt} follows in {Delay:0.##} s.")]
    public static partial void Reconnecting(ILogger log, string cause, int attempt, double delay);

    [LoggerMessage(EventId = 8, Level = LogLevel.Warning,
        Message = "Attempt at {Server} failed: {Cause} Trying the next server.")]
    public static partial void ServerFailed(ILogger log, MqttEndPoint server, string cause);

    [LoggerMessage(EventId = 9, Level = LogLevel.Warning,
        Message = "What consumes '{Filter}' threw: a handler stays, an observer is detached.")]
    public static partial void ObserverFailed(ILogger log, Exception error, string filter);

    [LoggerMessage(EventId = 60, Level = LogLevel.Error,
        Message = "The server refused '{Filter}' with {Code} (0x{Value:x2}), and nobody who subscribed is told.")]
    public static partial void FilterRefused(
        ILogger log, string filter, MqttClientSubscribeResultCode code, int value);

    [LoggerMessage(EventId = 10, Level = LogLevel.Warning, Message = "A listener of metrics or spans threw: {Cause}")]
    public static partial void ListenerFailed(ILogger log, Exception error, string cause);

    [LoggerMessage(EventId = 15, Level = LogLevel.Information,
        Message = "{Server} names {Other} in its place: {Code}.")]
    public static partial void ServerNamedAnother(
        ILogger log, MqttEndPoint server, MqttEndPoint other, MqttClientConnectResultCode code);

    [LoggerMessage(EventId = 16, Level = LogLevel.Error,
        Message = "The outbox store failed; until it works, a crash can lose or repeat publishes.")]
    public static partial void OutboxStoreFailed(ILogger log, Exception error);

    [LoggerMessage(EventId = 22, Level = LogLevel.Warning,
        Message = "Cannot connect: {Cause} Attempt {Attempt} follows in {Delay:0.##} s.")]
    public static partial void ConnectFailed(ILogger log, string cause, int attempt, double delay);

    [LoggerMessage(EventId = 23, Level = LogLevel.Error,
        Message = "Refused at {Server}: {Cause} Attempt {Attempt} follows in {Delay:0.##} s. {Advice}")]
    public static partial void Refused(
        ILogger log, MqttEndPoint? server, string cause, string advice, int attempt, double delay);

    [LoggerMessage(EventId = 24, Level = LogLevel.Warning,
        Message = "The same fault again ({Count} times in a row): {Cause} Attempt {Attempt} follows in {Delay:0.##} s. "
            + "{Advice}")]
    public static partial void SameFault(
        ILogger log, int count, string cause, int attempt, double delay, string advice);

    [LoggerMessage(EventId = 25, Level = LogLevel.Error,
        Message = "Gave up: {Cause} {Advice} Nothing is tried any more until ConnectAsync is called.")]
    public static partial void GaveUp(ILogger log, string cause, string advice);

    [LoggerMessage(EventId = 26, Level = LogLevel.Debug, Message = "Attempt {Attempt} begins.")]
    public static partial void AttemptStarted(ILogger log, int attempt);

    [LoggerMessage(EventId = 27, Level = LogLevel.Debug, Message = "Connecting to {Server} over {Route}.")]
    public static partial void Dialing(ILogger log, MqttEndPoint server, object route);

    [LoggerMessage(EventId = 28, Level = LogLevel.Debug,
        Message = "{Server} accepted the CONNECT {Total:0.#} ms after the first packet, the handshake took "
            + "{Handshake:0.#} ms. Session: {Session}; client identifier '{ClientId}'.")]
    public static partial void Accepted(
        ILogger log, MqttEndPoint server, double total, double handshake, string session, string clientId);

    [LoggerMessage(EventId = 29, Level = LogLevel.Debug,
        Message = "The connection to {Server} is over after {Lived:0.#} s: {Cause}")]
    public static partial void ConnectionClosed(ILogger log, MqttEndPoint server, double lived, string cause);

    [LoggerMessage(EventId = 31, Level = LogLevel.Debug, Message = "Subscribed to '{Filter}': {Code}.")]
    public static partial void Subscribed(ILogger log, string filter, string code);

    [LoggerMessage(EventId = 32, Level = LogLevel.Debug, Message = "Unsubscribed from '{Filter}'.")]
    public static partial void Unsubscribed(ILogger log, string filter);

    [LoggerMessage(EventId = 33, Level = LogLevel.Trace,
        Message = "A message on '{Topic}' came, {Bytes} bytes, QoS {QoS}.")]
    public static partial void MessageCame(ILogger log, string topic, int bytes, int qoS);

    [LoggerMessage(EventId = 34, Level = LogLevel.Trace,
        Message = "A message on '{Topic}' is sent, {Bytes} bytes, QoS {QoS}.")]
    public static partial void MessageLeaves(ILogger log, string topic, int bytes, int qoS);
}
