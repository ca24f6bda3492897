namespace MqttScion.Quic;

/// <summary>What a server asks of its clients. The values are in tickets: they must not change.</summary>
internal enum ClientCertificateDemand : byte
{
    None = 0,
    Optional = 1,
    Required = 2,
}
