using Google.Protobuf;

namespace MqttScion.Scion.Tests;

/// <summary>Segments as a path server sends them.</summary>
internal static class SegmentMessages
{
    /// <summary>When the segments are made.</summary>
    public static DateTimeOffset Now { get; } = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);

    /// <summary>A segment through the ASes 1-1, 1-2, 1-3 and so on.</summary>
    public static Protobuf.PathSegment Chain(int count) => Segment(Bodies(count));

    /// <summary>The bodies of such a segment.</summary>
    public static Protobuf.ASEntrySignedBody[] Bodies(int count)
    {
        return [.. Enumerable.Range(0, count).Select(i => Body(
            As(i), next: i == count - 1 ? 0 : As(i + 1), ingress: i == 0 ? 0u : 1u, egress: i == count - 1 ? 0u : 2u))];

        static ulong As(int i) => new IsdAs(1, (ulong)i + 1).Value;
    }

    public static Protobuf.PathSegment Segment(params Protobuf.ASEntrySignedBody[] bodies)
    {
        var segment = new Protobuf.PathSegment { SegmentInfo = SegmentInfo(Now.ToUnixTimeSeconds()) };
        foreach (var body in bodies)
        {
            var signed = new Protobuf.HeaderAndBody { Body = body.ToByteString() };
            segment.AsEntries.Add(new Protobuf.ASEntry
            {
                Signed = new Protobuf.SignedMessage { HeaderAndBody = signed.ToByteString() },
            });
        }
        return segment;
    }

    public static ByteString SegmentInfo(long timestamp, uint segmentId = 17) =>
        new Protobuf.SegmentInformation { Timestamp = timestamp, SegmentId = segmentId }.ToByteString();

    public static Protobuf.ASEntrySignedBody Body(ulong isdAs, ulong next, ulong ingress, ulong egress) => new()
    {
        IsdAs = isdAs,
        NextIsdAs = next,
        Mtu = 1400,
        HopEntry = new Protobuf.HopEntry { HopField = Hop(ingress, egress) },
    };

    public static Protobuf.HopField Hop(ulong ingress, ulong egress) =>
        new() { Ingress = ingress, Egress = egress, ExpTime = 63, Mac = ByteString.CopyFrom(new byte[6]) };

    public static Protobuf.PeerEntry Peer(ulong ingress, ulong egress) =>
        new() { PeerIsdAs = new IsdAs(2, 9).Value, PeerInterface = 5, HopField = Hop(ingress, egress) };
}
