using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>A subscription that the server has accepted. Disposing it gives up this share of the filter.</summary>
/// <remarks>Disposing cancels the token of a handler that runs and does not wait for it, so a handler may dispose its
/// own subscription. Messages that a handler has not got by then, or whose handling ended with the cancelled token,
/// are not handed over: in a kept session, for a shared filter and while the host stops, they wait unanswered for the
/// next consumer, or stay with the session (<see cref="ScionMqttClientOptions.UnsubscribeDelay"/>). Else, and after
/// that time, QoS 1 and 2 are answered with 0x80, unless somebody else took them, and reported.</remarks>
public interface IMqttSubscription : IAsyncDisposable
{
    /// <summary>The server's answer to the SUBSCRIBE.</summary>
    MqttClientSubscribeResult Result { get; }

    /// <summary>
    /// The messages of the filter, also beside a handler. Without one, those that arrive before the first observer wait
    /// for it: QoS 1 and 2 within the Receive Maximum, QoS 0 within the queue bound of the options.
    /// </summary>
    IObservable<MqttApplicationMessage> Messages { get; }

    /// <summary>
    /// Completes when this share is disposed, or the client is. Fails with <see cref="MqttSubscribeRefusedException"/>
    /// when the server, which had accepted the filter, refuses it on another connection.
    /// </summary>
    Task Completion { get; }
}
