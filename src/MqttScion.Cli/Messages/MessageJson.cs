using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using MqttScion.Mqtt;

namespace MqttScion.Cli;

/// <summary>A message as an object on one line.</summary>
internal static class MessageJson
{
    /// <summary>A time as ISO 8601 has it, in UTC.</summary>
    public static string TimeOf(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Makes the object; what a message does not have is left out.</summary>
    public static string Of(MqttApplicationMessage message, DateTimeOffset at) => JsonText.Line(writer =>
    {
        writer.WriteString("time", TimeOf(at));
        writer.WriteString("topic", message.Topic);
        writer.WriteNumber("qos", (int)message.QualityOfServiceLevel);
        writer.WriteBoolean("retain", message.Retain);
        if (Utf8.IsValid(message.Payload.Span))
            writer.WriteString("payload", Encoding.UTF8.GetString(message.Payload.Span));
        else
            writer.WriteBase64String("payload_base64", message.Payload.Span);
        if (message.ContentType is { } contentType)
            writer.WriteString("content_type", contentType);
        if (message.ResponseTopic is { } responseTopic)
            writer.WriteString("response_topic", responseTopic);
        if (message.CorrelationData is { } correlation)
            writer.WriteBase64String("correlation_data_base64", correlation);
        if (message.MessageExpiryInterval is { } expiry)
            writer.WriteNumber("expiry_s", expiry);
        if (message.UserProperties.Count > 0)
            WriteProperties(writer, message);
    });

    // An array, not an object: a name may be there twice [MQTT-3.3.2-17].
    private static void WriteProperties(Utf8JsonWriter writer, MqttApplicationMessage message)
    {
        writer.WriteStartArray("user_properties");
        foreach (var (name, value) in message.UserProperties)
        {
            writer.WriteStartObject();
            writer.WriteString("name", name);
            writer.WriteString("value", value);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }
}
