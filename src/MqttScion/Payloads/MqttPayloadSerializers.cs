using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>
/// The serializers of a client: its own for <see cref="string"/>, <see cref="byte"/>[] and
/// <see cref="ReadOnlyMemory{T}"/> of bytes, and those that were added. No reflection is used.
/// </summary>
/// <remarks>Fill it before the client is made; the client takes a copy.</remarks>
public sealed class MqttPayloadSerializers
{
    private readonly Dictionary<Type, object> _serializers;
    private readonly List<JsonSerializerContext> _contexts;

    /// <summary>Makes a registry with the client's own serializers.</summary>
    public MqttPayloadSerializers()
    {
        _serializers = [];
        _contexts = [];
        Add(new TextSerializer());
        Add(new BytesSerializer());
        Add(new MemorySerializer());
    }

    private MqttPayloadSerializers(MqttPayloadSerializers other) =>
        (_serializers, _contexts) = (new Dictionary<Type, object>(other._serializers), [.. other._contexts]);

    /// <summary>Uses a serializer for a type, in place of another one.</summary>
    public MqttPayloadSerializers Add<T>(IMqttPayloadSerializer<T> serializer)
    {
        ArgumentNullException.ThrowIfNull(serializer);
        _serializers[typeof(T)] = serializer;
        return this;
    }

    /// <summary>
    /// Writes the types of a source-generated context as JSON. Of several contexts with a type, the first is used.
    /// </summary>
    public MqttPayloadSerializers AddJson(JsonSerializerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        _contexts.Add(context);
        return this;
    }

    /// <summary>The serializer of a type.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public IMqttPayloadSerializer<T> Get<T>()
    {
        if (_serializers.TryGetValue(typeof(T), out var known))
        {
            return (IMqttPayloadSerializer<T>)known;
        }
        foreach (var context in _contexts)
        {
            if (context.GetTypeInfo(typeof(T)) is JsonTypeInfo<T> info)
            {
                return new JsonPayloadSerializer<T>(info);
            }
        }
        throw new InvalidOperationException(
            $"No serializer is registered for {typeof(T)}: add one to Serializers, or a JsonSerializerContext that"
            + $" has [JsonSerializable(typeof({typeof(T).Name}))].");
    }

    internal MqttPayloadSerializers Copy() => new(this);

    /// <summary>Makes a message that carries a value.</summary>
    /// <exception cref="InvalidOperationException">No serializer is registered for the type.</exception>
    internal MqttApplicationMessage ToMessage<T>(
        string topic, T value, MqttQualityOfServiceLevel qualityOfService, bool retain = false)
    {
        var serializer = Get<T>();
        return new MqttApplicationMessage
        {
            Topic = topic,
            Payload = serializer.Serialize(value),
            ContentType = serializer.ContentType,
            PayloadFormatIndicator = serializer.PayloadFormatIndicator,
            QualityOfServiceLevel = qualityOfService,
            Retain = retain,
        };
    }

    private sealed class TextSerializer : IMqttPayloadSerializer<string>
    {
        private static readonly System.Text.UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

        public string? ContentType => null;

        public MqttPayloadFormatIndicator PayloadFormatIndicator => MqttPayloadFormatIndicator.CharacterData;

        public ReadOnlyMemory<byte> Serialize(string value) => Strict.GetBytes(value);

        public string Deserialize(ReadOnlyMemory<byte> payload) => Strict.GetString(payload.Span);
    }

    private sealed class BytesSerializer : IMqttPayloadSerializer<byte[]>
    {
        public string? ContentType => null;

        public MqttPayloadFormatIndicator PayloadFormatIndicator => MqttPayloadFormatIndicator.Unspecified;

        public ReadOnlyMemory<byte> Serialize(byte[] value) => value;

        public byte[] Deserialize(ReadOnlyMemory<byte> payload) => payload.ToArray();
    }

    private sealed class MemorySerializer : IMqttPayloadSerializer<ReadOnlyMemory<byte>>
    {
        public string? ContentType => null;

        public MqttPayloadFormatIndicator PayloadFormatIndicator => MqttPayloadFormatIndicator.Unspecified;

        public ReadOnlyMemory<byte> Serialize(ReadOnlyMemory<byte> value) => value;

        public ReadOnlyMemory<byte> Deserialize(ReadOnlyMemory<byte> payload) => payload;
    }
}
