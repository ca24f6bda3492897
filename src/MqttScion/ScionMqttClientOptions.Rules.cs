using System.Text;
using MqttScion.Mqtt;
using MqttScion.Options;

namespace MqttScion;

public sealed partial class ScionMqttClientOptions
{
    // A text that MQTT can carry (MQTT 5 §1.5.4); it is not shown.
    private sealed class MqttTextAttribute : OptionTextAttribute
    {
        public static string? Check(string text)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            return bytes.Length > ushort.MaxValue || text.Contains('\0', StringComparison.Ordinal)
                || Encoding.UTF8.GetString(bytes) != text
                    ? "expected at most 65535 bytes of UTF-8 without U+0000 and lone surrogates, found others."
                    : null;
        }

        protected override string? FaultOf(string text) => Check(text);
    }

    // MQTT 5 §3.1.3.6: a password is bytes, with a length of two bytes.
    private sealed class PasswordTextAttribute : OptionTextAttribute
    {
        protected override string? FaultOf(string text) => Encoding.UTF8.GetByteCount(text) > ushort.MaxValue
            ? "expected at most 65535 bytes of UTF-8, found more."
            : null;
    }

    private sealed class TopicFormAttribute : OptionTextAttribute
    {
        protected override string? FaultOf(string text) =>
            MqttTopic.TryValidateTopic(text, out var problem) ? null : problem;
    }

    private sealed class UserPropertiesRuleAttribute : OptionRuleAttribute
    {
        public override string? FindFault(object? value) => ((IList<MqttUserProperty>)value!)
            .Select(property => MqttTextAttribute.Check(property.Name) ?? MqttTextAttribute.Check(property.Value))
            .FirstOrDefault(fault => fault is not null);
    }

    private sealed class AuthenticatorRuleAttribute : OptionRuleAttribute
    {
        public override string? FindFault(object? value) => string.IsNullOrEmpty(((IMqttAuthenticator)value!).Method)
            ? "expected the name of a method, found nothing."
            : null;
    }

    private sealed class WillRuleAttribute : OptionRuleAttribute
    {
        public override string? FindFault(object? value)
        {
            var will = (MqttApplicationMessage)value!;
            return MqttPublishRules.FindFault(will, server: null) is { } fault ? fault.ReasonString
                : will.Payload.Length > ushort.MaxValue // MQTT 5 §3.1.3.4.
                    ? $"expected at most 65535 bytes of payload, found {will.Payload.Length}."
                    : null;
        }
    }
}
