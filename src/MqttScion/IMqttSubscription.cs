using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>A subscription that the server has accepted. Disposing it gives up this share of the filter.</summary>
public interface IMqttSubscription : IAsyncDisposable
{
    /// <summary>The server's answer to the SUBSCRIBE.</summary>
    MqttClientSubscribeResult Result { get; }

    /// <summary>
    /// The messages of the filter. Those that arrive before the first observer wait for it: QoS 1 within the Receive
    /// Maximum, QoS 0 within the queue bound of the options.
    /// </summary>
    IObservable<MqttApplicationMessage> Messages { get; }
}
