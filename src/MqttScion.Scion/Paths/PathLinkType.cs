namespace MqttScion.Scion;

/// <summary>What a link between two ASes is made of; the numbers are those of the control plane's protobuf.</summary>
public enum PathLinkType
{
    /// <summary>Not announced.</summary>
    Unspecified = 0,

    /// <summary>A direct physical connection.</summary>
    Direct = 1,

    /// <summary>Over a local routed or switched network.</summary>
    MultiHop = 2,

    /// <summary>Over the public Internet.</summary>
    OpenNet = 3,
}
