namespace MqttScion.Transport;

/// <summary>What a <see cref="PathSelector{TPath}"/> wants done.</summary>
internal enum PathStepKind
{
    /// <summary>Ask over the path whether the peer is there.</summary>
    Probe,

    /// <summary>Send on the path from now on; the one before may still carry what is in flight.</summary>
    Move,

    /// <summary>Send on the path from now on; what is in flight on the one before is lost.</summary>
    GiveUp,
}
