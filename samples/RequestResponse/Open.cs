using System.Text.Json.Serialization;

namespace MqttScion.Samples.RequestResponse;

/// <summary>Asks to open a valve.</summary>
internal sealed record Open(int Percent);

/// <summary>Tells how far it is open.</summary>
internal sealed record Opened(int Percent);

/// <summary>Both as JSON, generated at build time: no reflection, ready for trimming and AOT.</summary>
[JsonSerializable(typeof(Open))]
[JsonSerializable(typeof(Opened))]
internal sealed partial class ValveJson : JsonSerializerContext;
