using MqttScion.Scion;

namespace MqttScion.Cli;

/// <summary>What <c>ping</c> was asked for.</summary>
/// <param name="Destination">The host.</param>
/// <param name="Host">Its address.</param>
/// <param name="Count">How many requests to send; null for no end.</param>
/// <param name="Interval">The time between two requests.</param>
/// <param name="Timeout">How long to wait for each answer.</param>
/// <param name="PayloadLength">Bytes of echo data; null for as many as the path carries.</param>
/// <param name="ResponderPort">The port of SCMP responders inside our own AS.</param>
internal sealed record PingSettings(
    Destination Destination,
    ScionHost Host,
    int? Count,
    TimeSpan Interval,
    TimeSpan Timeout,
    int? PayloadLength,
    ushort ResponderPort);
