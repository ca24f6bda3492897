namespace MqttScion;

/// <summary>The application error codes with which the proxy closes a connection.</summary>
public static class ProxyErrorCodes
{
    /// <summary>The client presented no certificate.</summary>
    public const ulong NoClientCertificate = 0x100;

    /// <summary>The connection between proxy and broker ended.</summary>
    public const ulong BrokerConnectionLost = 0x101;

    /// <summary>The proxy can't reach the broker.</summary>
    public const ulong BrokerUnreachable = 0x102;

    /// <summary>The proxy is shutting down.</summary>
    public const ulong ShuttingDown = 0x103;

    /// <summary>The client did what this proxy does not support, such as opening more streams than allowed.</summary>
    public const ulong ProtocolError = 0x104;

    /// <summary>The client was connected for a time without opening its stream.</summary>
    public const ulong NoStream = 0x105;
}
