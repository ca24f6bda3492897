namespace MqttScion.Scion;

/// <summary>What an SCMP error led to.</summary>
public enum ScmpReaction
{
    /// <summary>It is no error, or its quote could not be read.</summary>
    Ignored,

    /// <summary>Its quote is no packet of ours: it may be forged, and at most a probe was asked for.</summary>
    Unrecognized,

    /// <summary>It comes from an AS that cannot say such a thing, or contradicts its quote.</summary>
    Implausible,

    /// <summary>It is about hop fields that were renewed since.</summary>
    Outdated,

    /// <summary>Paths are held back.</summary>
    MarkedDown,

    /// <summary>The usable MTU of a path was lowered.</summary>
    Narrowed,

    /// <summary>It tells nothing about a path: it concerns the destination, or what we wrote.</summary>
    NoPathFault,
}
