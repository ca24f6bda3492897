namespace MqttScion.Scion.Tests;

/// <summary>Whole packets around a part that is to be tested.</summary>
internal static class PacketBuilder
{
    internal static readonly ScionHeader Header = new(
        IsdAs.Parse("1-ff00:0:112"),
        Host("10.1.1.12"),
        IsdAs.Parse("1-ff00:0:111"),
        Host("10.1.1.11"),
        PathType.Empty,
        L4Protocol.None,
        TrafficClass: 0xb8,
        FlowId: 0xdead);

    internal static ScionHost Host(string text) =>
        ScionHost.TryParse(text, out var host) ? host : throw new FormatException($"'{text}' is not a host.");

    /// <summary>A packet between two hosts of one AS.</summary>
    internal static byte[] WithPayload(L4Protocol next, ReadOnlySpan<byte> payload) =>
        Build(Header with { NextHeader = next }, [], payload);

    /// <summary>A packet with a path and a payload.</summary>
    internal static byte[] Build(in ScionHeader header, ReadOnlySpan<byte> path, ReadOnlySpan<byte> payload)
    {
        var packet = new byte[ScionPacketWriter.HeaderLength(header, path.Length) + payload.Length];
        ScionPacketWriter.TryWriteHeader(packet, header, path, payload.Length, out var length).Should().BeTrue();
        payload.CopyTo(packet.AsSpan(length));
        return packet;
    }
}
