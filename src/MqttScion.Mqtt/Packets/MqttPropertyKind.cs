namespace MqttScion.Mqtt;

/// <summary>The data type of a property, with the rule about its value.</summary>
internal enum MqttPropertyKind
{
    Unknown,

    /// <summary>A byte that must be 0 or 1.</summary>
    Bool,
    UInt16,
    NonZeroUInt16,
    UInt32,
    NonZeroUInt32,
    NonZeroVarInt,
    Text,
    TextPair,
    Binary,
}
