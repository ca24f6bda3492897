namespace MqttScion.Quic;

/// <summary>What made keys come or go.</summary>
internal enum QlogKeyTrigger : byte
{
    Tls,
    Local,
    Remote,
}
