namespace MqttScion.Transport;

/// <summary>Which stream is wanted. Each kind has credit of its own, and waits for itself alone.</summary>
internal enum StreamRequestKind
{
    /// <summary>The peer's next.</summary>
    Accept,

    /// <summary>One of ours that goes both ways.</summary>
    OpenBidirectional,

    /// <summary>One of ours that goes one way.</summary>
    OpenUnidirectional,
}
