using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>Turns values of one type into payloads and back. Used by several threads at once.</summary>
public interface IMqttPayloadSerializer<T>
{
    /// <summary>The Content Type of messages that are published with it, or null for none.</summary>
    string? ContentType { get; }

    /// <summary>Whether its payloads are UTF-8 text.</summary>
    MqttPayloadFormatIndicator PayloadFormatIndicator { get; }

    /// <summary>Makes a payload.</summary>
    ReadOnlyMemory<byte> Serialize(T value);

    /// <summary>Reads a payload. The memory must not be kept where the value may be changed.</summary>
    /// <exception cref="Exception">
    /// The payload is not what was expected. Any exception will do; the message is reported as dropped.
    /// </exception>
    T Deserialize(ReadOnlyMemory<byte> payload);
}
