namespace MqttScion.Scion;

/// <summary>The fields of a SCION header that a sender chooses; lengths follow from what is written.</summary>
/// <param name="DestinationIsdAs">The ISD-AS of the destination.</param>
/// <param name="DestinationHost">The host of the destination.</param>
/// <param name="SourceIsdAs">The ISD-AS of the source.</param>
/// <param name="SourceHost">The host of the source.</param>
/// <param name="PathType">The type of the path.</param>
/// <param name="NextHeader">What follows the header.</param>
/// <param name="TrafficClass">DSCP and ECN as in IP.</param>
/// <param name="FlowId">The flow id, 20 bits.</param>
public readonly record struct ScionHeader(
    IsdAs DestinationIsdAs,
    ScionHost DestinationHost,
    IsdAs SourceIsdAs,
    ScionHost SourceHost,
    PathType PathType,
    L4Protocol NextHeader,
    byte TrafficClass = 0,
    uint FlowId = 1);
