using System.Text.Json.Serialization;

namespace MqttScion.Samples.TypedMessages;

/// <summary>A temperature of a production line.</summary>
internal sealed record Reading(int Line, double Celsius);

/// <summary>Readings as JSON, generated at build time: no reflection, ready for trimming and AOT.</summary>
[JsonSerializable(typeof(Reading))]
internal sealed partial class ReadingJson : JsonSerializerContext;
