using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MqttScion.Mqtt;

namespace MqttScion;

/// <content>What is noticed about the connection on the way: for the log, and for whoever makes the next one.</content>
internal sealed partial class MqttApplication
{
    private TimeSpan _attachedAt;
    private TimeSpan _handshakeAt;
    private bool _hasAcknowledged;

    /// <summary>The log.</summary>
    public ILogger Log { get; init; } = NullLogger.Instance;

    /// <summary>True when one side has acknowledged anything since the CONNACK. Callable from any thread.</summary>
    public bool HasAcknowledged => Volatile.Read(ref _hasAcknowledged);

    private void Observe(MqttStream stream, in MqttEvent e, TimeSpan now)
    {
        switch (e.Kind)
        {
            case MqttEventKind.Connected:
                ClientLog.Accepted(
                    Log,
                    _server,
                    (now - _attachedAt).TotalMilliseconds,
                    (_handshakeAt - _attachedAt).TotalMilliseconds,
                    e.ConnectResult!.IsSessionPresent ? "resumed" : "new",
                    e.ConnectResult.AssignedClientIdentifier ?? _state.ClientId);
                break;
            case MqttEventKind.PublishReleased:
                Volatile.Write(ref _hasAcknowledged, true);
                break;
            case MqttEventKind.PublishCompleted when !e.PublishResult!.IsLocal
                && stream.Publishes.TryGetValue(e.Token, out var publish)
                && publish.Message.QualityOfServiceLevel != MqttQualityOfServiceLevel.AtMostOnce:
                Volatile.Write(ref _hasAcknowledged, true);
                break;
            case MqttEventKind.SubscribeCompleted when !e.SubscribeResult!.IsLocal
                && stream.Subscribes.TryGetValue(e.Token, out var asked):
                Volatile.Write(ref _hasAcknowledged, true);
                if (Log.IsEnabled(LogLevel.Debug))
                {
                    ClientLog.Subscribed(
                        Log,
                        asked.Step.Filter.Topic,
                        string.Join(", ", e.SubscribeResult.Items.Select(item => item.ResultCode)));
                }
                break;
            case MqttEventKind.UnsubscribeCompleted when !e.UnsubscribeResult!.IsLocal
                && stream.Unsubscribes.TryGetValue(e.Token, out var left):
                Volatile.Write(ref _hasAcknowledged, true);
                ClientLog.Unsubscribed(Log, left.Filter);
                break;
            case MqttEventKind.MessageReceived:
                Volatile.Write(ref _hasAcknowledged, true);
                ClientLog.MessageCame(
                    Log, e.Message!.Topic, e.Message.Payload.Length, (int)e.Message.QualityOfServiceLevel);
                break;
        }
    }

    private int Publish(MqttStream stream, PendingPublish pending, TimeSpan now)
    {
        var message = pending.Message;
        ClientLog.MessageLeaves(Log, message.Topic, message.Payload.Length, (int)message.QualityOfServiceLevel);
        return stream.Session.PublishReserved(
            message, now, _outbox.AgeOf(pending), pending.PacketId, pending.MayHaveBeenSent);
    }
}
