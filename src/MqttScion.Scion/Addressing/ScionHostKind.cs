namespace MqttScion.Scion;

/// <summary>What a host address in a SCION header is.</summary>
public enum ScionHostKind
{
    /// <summary>An IPv4 address.</summary>
    IPv4,

    /// <summary>An IPv6 address.</summary>
    IPv6,

    /// <summary>A service address.</summary>
    Service,

    /// <summary>A type that this library does not know; its bytes are carried as they are.</summary>
    Unknown,
}
