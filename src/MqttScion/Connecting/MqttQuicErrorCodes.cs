namespace MqttScion;

/// <summary>The application error codes with which brokers that speak MQTT over QUIC close a connection.</summary>
internal static class MqttQuicErrorCodes
{
    /// <summary>What a code means, as EMQX has it and others follow; null for one that is not known.</summary>
    public static string? NameOf(ulong code) => code switch
    {
        1 => "the broker ended the MQTT stream",
        2 => "the broker is overloaded",
        _ => null,
    };
}
