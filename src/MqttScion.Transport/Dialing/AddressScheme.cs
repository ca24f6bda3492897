namespace MqttScion;

/// <summary>What is spoken with servers on plain IP, as the scheme of their addresses says it.</summary>
/// <param name="Name">The scheme, in lower case, such as <c>quic</c>.</param>
/// <param name="Protocol">The protocol's name in error texts.</param>
/// <param name="Example">An address of this scheme, for error texts.</param>
/// <param name="DefaultPort">The UDP port of an address that names none; 0 when each must name one.</param>
public sealed record AddressScheme(string Name, string Protocol, string Example, int DefaultPort = 0)
{
    /// <summary>QUIC, with whatever application protocol: <c>quic://host.example:4433</c>.</summary>
    public static AddressScheme Quic { get; } = new("quic", "QUIC", "quic://host.example:4433");

    /// <summary>MQTT over QUIC; without a port that of EMQX, as IANA assigned none.</summary>
    public static AddressScheme MqttQuic { get; } =
        new("mqtt-quic", "MQTT", "mqtt-quic://broker.example:14567", DefaultPort: 14567);

    /// <summary>The forms of an address, for error texts.</summary>
    internal string Expected =>
        "expected a form like [1-ff00:0:110,10.0.0.2]:8883 or scion://[1-ff00:0:110,10.0.0.2]:8883 for SCION, or "
        + $"{Example} for QUIC over plain IP";

    /// <summary>What is wrong with another scheme.</summary>
    internal string FaultOf(string scheme) => scheme switch
    {
        "mqtt" or "mqtts" or "tcp" or "ssl" or "tls" or "ws" or "wss" when this == MqttQuic =>
            $"'{scheme}' is MQTT over TCP, which this client does not speak, only MQTT over QUIC",
        _ => $"the scheme '{scheme}' is not known",
    };
}
