using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>JSON by System.Text.Json with source-generated metadata: safe to trim and to compile ahead.</summary>
/// <param name="typeInfo">What a <c>JsonSerializerContext</c> knows of the type.</param>
public sealed class JsonPayloadSerializer<T>(JsonTypeInfo<T> typeInfo) : IMqttPayloadSerializer<T>
{
    /// <inheritdoc/>
    public string ContentType => "application/json";

    /// <inheritdoc/>
    public MqttPayloadFormatIndicator PayloadFormatIndicator => MqttPayloadFormatIndicator.CharacterData;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Serialize(T value) => JsonSerializer.SerializeToUtf8Bytes(value, typeInfo);

    /// <inheritdoc/>
    /// <exception cref="JsonException">The payload is not JSON of the type, or null.</exception>
    public T Deserialize(ReadOnlyMemory<byte> payload) =>
        JsonSerializer.Deserialize(payload.Span, typeInfo) ?? throw new JsonException("The payload is null.");
}
