namespace MqttScion.Testnet;

/// <summary>Why a border router dropped a packet without an answer.</summary>
public enum RouterDropReason
{
    /// <summary>It was not dropped.</summary>
    None,

    /// <summary>It could not be read.</summary>
    Malformed,

    /// <summary>Its path is not a standard path.</summary>
    UnsupportedPathType,

    /// <summary>Its path breaks a rule: pointers, segment lengths or peering.</summary>
    InconsistentPath,

    /// <summary>It came from inside on the way through, but not from the router that it says.</summary>
    WrongSibling,

    /// <summary>It came in by an external interface, but not from the link's other end.</summary>
    UnknownSender,

    /// <summary>It asked for an alert that is not answered.</summary>
    UnansweredAlert,

    /// <summary>It came to its AS, but its upper layer names no port.</summary>
    NoDestinationPort,

    /// <summary>An error would have been answered with an error, or has no way back.</summary>
    NoAnswerPossible,

    /// <summary>The router has sent as many SCMP messages as it may for now.</summary>
    ScmpRateLimited,

    /// <summary>The link was cut silently, or while the packet was on its way.</summary>
    LinkCut,

    /// <summary>The link lost it.</summary>
    LinkLoss,

    /// <summary>The link's queue was full.</summary>
    LinkQueueFull,

    /// <summary>The underlay did not take it, or the link is not connected.</summary>
    SendFailed,
}
