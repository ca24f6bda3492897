using Google.Protobuf;

namespace MqttScion.Scion.Tests;

/// <summary>Segments as a server sends them, from the ASes and interfaces on them.</summary>
internal static class TestSegments
{
    public const long Timestamp = 1_700_000_000;

    /// <summary>A segment over entries (AS, ingress, egress) in construction order.</summary>
    public static Protobuf.PathSegment Of(params (IsdAs IsdAs, ushort Ingress, ushort Egress)[] entries) =>
        Of(Timestamp, entries);

    public static Protobuf.PathSegment Of(
        long timestamp, params (IsdAs IsdAs, ushort Ingress, ushort Egress)[] entries)
    {
        var segment = new Protobuf.PathSegment
        {
            SegmentInfo = new Protobuf.SegmentInformation { Timestamp = timestamp, SegmentId = 1 }.ToByteString(),
        };
        for (var i = 0; i < entries.Length; i++)
        {
            var next = i + 1 < entries.Length ? entries[i + 1].IsdAs.Value : 0;
            segment.AsEntries.Add(Entry(entries[i].IsdAs, next, entries[i].Ingress, entries[i].Egress));
        }
        return segment;
    }

    private static Protobuf.ASEntry Entry(IsdAs isdAs, ulong next, ulong ingress, ulong egress)
    {
        var mac = ByteString.CopyFrom(new byte[6]);
        var hop = new Protobuf.HopField { Ingress = ingress, Egress = egress, ExpTime = 255, Mac = mac };
        var body = new Protobuf.ASEntrySignedBody
        {
            IsdAs = isdAs.Value,
            NextIsdAs = next,
            Mtu = 1400,
            HopEntry = new Protobuf.HopEntry { HopField = hop },
        };
        var signed = new Protobuf.HeaderAndBody { Body = body.ToByteString() };
        return new Protobuf.ASEntry { Signed = new Protobuf.SignedMessage { HeaderAndBody = signed.ToByteString() } };
    }
}
