namespace MqttScion.Scion;

/// <summary>The path type of a SCION header.</summary>
public enum PathType : byte
{
    /// <summary>No path: source and destination are in the same AS.</summary>
    Empty = 0,

    /// <summary>The standard path of up to three segments.</summary>
    Scion = 1,

    /// <summary>One hop between neighbours, for the control plane.</summary>
    OneHop = 2,

    /// <summary>A standard path with EPIC validation fields before it.</summary>
    Epic = 3,

    /// <summary>COLIBRI; not supported.</summary>
    Colibri = 4,
}
