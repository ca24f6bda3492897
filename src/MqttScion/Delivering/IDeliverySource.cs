namespace MqttScion;

/// <summary>The stream on which QoS 1 and 2 messages came, and takes their answers. All members may be called from any
/// thread; those of a stream that is gone do nothing.</summary>
internal interface IDeliverySource
{
    /// <summary>True when the connection is gone.</summary>
    bool IsGone { get; }

    /// <summary>Sends the answer to a message.</summary>
    void Acknowledge(Delivery delivery);

    /// <summary>Closes the connection without an answer to a message, so that the server sends it again.</summary>
    void GiveBack(Delivery delivery);
}
