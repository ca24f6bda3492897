using Google.Protobuf;

namespace MqttScion.Scion.Tests;

/// <summary>Writes segments as a path server would.</summary>
internal static class SegmentEncoding
{
    internal static Protobuf.ListSegmentsResponse Encode(SegmentSet segments)
    {
        var response = new Protobuf.ListSegmentsResponse();
        response.UpSegments.AddRange(segments.Up.Select(Encode));
        response.CoreSegments.AddRange(segments.Core.Select(Encode));
        response.DownSegments.AddRange(segments.Down.Select(Encode));
        return response;
    }

    internal static Protobuf.PathSegment Encode(PathSegment segment)
    {
        var info = new Protobuf.SegmentInformation { Timestamp = segment.Timestamp, SegmentId = segment.SegmentId };
        var message = new Protobuf.PathSegment { SegmentInfo = info.ToByteString() };
        for (var i = 0; i < segment.Entries.Count; i++)
        {
            var next = i + 1 < segment.Entries.Count ? segment.Entries[i + 1].IsdAs : default;
            var signed = new Protobuf.HeaderAndBody { Body = Encode(segment.Entries[i], next).ToByteString() };
            message.AsEntries.Add(new Protobuf.ASEntry
            {
                Signed = new Protobuf.SignedMessage { HeaderAndBody = signed.ToByteString() },
            });
        }
        return message;
    }

    private static Protobuf.ASEntrySignedBody Encode(SegmentEntry entry, IsdAs next)
    {
        var body = new Protobuf.ASEntrySignedBody
        {
            IsdAs = entry.IsdAs.Value,
            NextIsdAs = next.Value,
            Mtu = (uint)entry.Mtu,
            HopEntry = new Protobuf.HopEntry { HopField = Encode(entry.Hop), IngressMtu = (uint)entry.IngressMtu },
        };
        body.PeerEntries.AddRange(entry.Peers.Select(peer => new Protobuf.PeerEntry
        {
            PeerIsdAs = peer.Peer.Value,
            PeerInterface = peer.PeerInterface,
            PeerMtu = (uint)peer.Mtu,
            HopField = Encode(peer.Hop),
        }));
        return body;
    }

    private static Protobuf.HopField Encode(HopField hop)
    {
        var bytes = new byte[HopField.Length];
        hop.Write(bytes);
        return new Protobuf.HopField
        {
            Ingress = hop.ConsIngress,
            Egress = hop.ConsEgress,
            ExpTime = hop.ExpTime,
            Mac = ByteString.CopyFrom(bytes.AsSpan(HopField.Length - HopField.MacLength)),
        };
    }
}
