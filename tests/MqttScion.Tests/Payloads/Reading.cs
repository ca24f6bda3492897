using System.Text.Json.Serialization;

namespace MqttScion.Tests;

internal sealed record Reading(string Sensor, double Celsius);

[JsonSerializable(typeof(Reading))]
internal sealed partial class ReadingJson : JsonSerializerContext;
