using System.Globalization;
using MqttScion.Mqtt;

namespace MqttScion.Testnet.Tests;

/// <summary>A packet as a line of text, with all that the specification determines.</summary>
internal static class PacketText
{
    public static string Of(object packet) => packet switch
    {
        MqttConnAckPacket p => Invariant($"CONNACK {(int)p.ReasonCode:X2}{(p.IsSessionPresent ? " present" : "")}"),
        MqttPublishPacket p => OfPublish(p),
        MqttAckPacket p => Invariant($"{p.Type.ToString().ToUpperInvariant()} {p.PacketId} {p.ReasonCode:X2}"),
        MqttSubAckPacket p => $"{p.Type.ToString().ToUpperInvariant()} {Convert.ToHexString(p.ReasonCodes)}",
        MqttDisconnectPacket p => Invariant($"{p.Type.ToString().ToUpperInvariant()} {p.ReasonCode:X2}"),
        MqttPacketType type => type.ToString().ToUpperInvariant(),
        _ => throw new ArgumentException($"{packet} is no packet.", nameof(packet)),
    };

    private static string OfPublish(in MqttPublishPacket packet)
    {
        var message = packet.Message;
        var parts = new List<string>
        {
            $"PUBLISH {message.Topic}={message.ConvertPayloadToString()} QoS {(int)packet.QoS}",
        };
        void Add(bool isThere, string text) => parts.AddRange(isThere ? [text] : []);
        Add(packet.PacketId != 0, Invariant($"id {packet.PacketId}"));
        Add(packet.Dup, "dup");
        Add(packet.Retain, "retain");
        Add(message.SubscriptionIdentifiers.Count > 0, $"for {string.Join(' ', message.SubscriptionIdentifiers)}");
        Add(message.ContentType is not null, $"type {message.ContentType}");
        Add(message.ResponseTopic is not null, $"answer {message.ResponseTopic}");
        Add(message.CorrelationData is not null, $"correlation {Convert.ToHexString(message.CorrelationData ?? [])}");
        Add(message.PayloadFormatIndicator != 0, $"format {message.PayloadFormatIndicator}");
        Add(message.UserProperties.Count > 0,
            string.Join(' ', message.UserProperties.Select(p => $"{p.Name}:{p.Value}")));
        return string.Join(", ", parts);
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
