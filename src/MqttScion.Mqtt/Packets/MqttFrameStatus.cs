namespace MqttScion.Mqtt;

internal enum MqttFrameStatus
{
    NeedMore,
    Packet,
    Refused,
}
