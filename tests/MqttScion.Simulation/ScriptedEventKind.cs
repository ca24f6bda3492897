namespace MqttScion.Simulation;

/// <summary>What can happen to a world.</summary>
internal enum ScriptedEventKind
{
    /// <summary>A host sends on another path from now on.</summary>
    SelectPath,

    /// <summary>A host challenges a path.</summary>
    ProbePath,

    /// <summary>A host forgets a path and opens it anew at once.</summary>
    ReopenPath,

    /// <summary>A host learns that a path carries smaller datagrams.</summary>
    ShrinkPath,

    /// <summary>A host does nothing for a while, then everything at once.</summary>
    Pause,

    /// <summary>A host never does anything again.</summary>
    Vanish,

    /// <summary>A host closes, whatever is under way.</summary>
    Close,

    /// <summary>A captured datagram arrives once more.</summary>
    Replay,

    /// <summary>A captured datagram arrives changed.</summary>
    Forge,

    /// <summary>Random bytes arrive.</summary>
    Noise,

    /// <summary>A version negotiation arrives that nobody sent.</summary>
    NegotiateVersion,

    /// <summary>An unreliable datagram is sent.</summary>
    SendDatagram,
}
