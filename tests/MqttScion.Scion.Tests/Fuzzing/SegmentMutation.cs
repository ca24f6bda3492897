using Google.Protobuf;
using Google.Protobuf.Collections;

namespace MqttScion.Scion.Tests;

/// <summary>Makes a bad answer of a path server out of a good one. The same seed gives the same bytes.</summary>
internal static class SegmentMutation
{
    private const int MaxCopies = 12;

    /// <summary>The bytes of a seed: fields and lists are changed first, then the bytes, or only one of the two.
    /// </summary>
    internal static byte[] Make(long seed, byte[] good)
    {
        var random = new FuzzRandom(seed);
        var bytes = good;
        var kind = random.Next(3);
        if (kind > 0)
        {
            var response = Protobuf.ListSegmentsResponse.Parser.ParseFrom(good);
            for (var changes = 1 + random.Next(3); changes > 0; changes--)
                Change(ref random, response);
            bytes = response.ToByteArray();
        }
        for (var changes = kind == 1 ? 0 : 1 + random.Next(3); changes > 0 && bytes.Length > 0; changes--)
            bytes = Change(ref random, bytes);
        return bytes;
    }

    private static void Change(ref FuzzRandom random, Protobuf.ListSegmentsResponse response)
    {
        RepeatedField<Protobuf.PathSegment>[] lists =
            [response.UpSegments, response.CoreSegments, response.DownSegments];
        var from = lists[random.Next(lists.Length)];
        if (from.Count == 0)
            return;
        var segment = from[random.Next(from.Count)];
        switch (random.Next(5))
        {
            case 0: // Of another kind than it says.
                lists[random.Next(lists.Length)].Add(segment);
                break;
            case 1:
                for (var copies = random.Next(MaxCopies); copies > 0; copies--)
                    from.Add(segment.Clone());
                break;
            case 2:
                Reorder(ref random, segment.AsEntries);
                break;
            case 3:
                segment.SegmentInfo = new Protobuf.SegmentInformation
                {
                    Timestamp = random.OneIn(2) ? long.MaxValue : uint.MaxValue,
                    SegmentId = random.OneIn(2) ? 0x1_0000u : 1,
                }.ToByteString();
                break;
            default:
                ChangeEntry(ref random, segment);
                break;
        }
    }

    private static void Reorder(ref FuzzRandom random, RepeatedField<Protobuf.ASEntry> entries)
    {
        if (entries.Count == 0)
            return;
        var entry = entries[random.Next(entries.Count)];
        if (random.OneIn(2))
            entries.Remove(entry);
        for (var copies = random.OneIn(8) ? 70 : random.Next(3); copies > 0; copies--)
            entries.Insert(random.Next(entries.Count + 1), entry);
    }

    // Through all the layers, so that what comes out is a segment still.
    private static void ChangeEntry(ref FuzzRandom random, Protobuf.PathSegment segment)
    {
        if (segment.AsEntries.Count == 0)
            return;
        var entry = segment.AsEntries[random.Next(segment.AsEntries.Count)];
        var signed = Protobuf.HeaderAndBody.Parser.ParseFrom(entry.Signed.HeaderAndBody);
        var body = Protobuf.ASEntrySignedBody.Parser.ParseFrom(signed.Body);
        body.HopEntry ??= new Protobuf.HopEntry { HopField = new Protobuf.HopField() }; // Gone by an earlier change.
        switch (random.Next(6))
        {
            case 0:
                body.IsdAs = body.NextIsdAs;
                break;
            case 1:
                body.Mtu = uint.MaxValue;
                break;
            case 2:
                body.HopEntry.HopField.ExpTime = (uint)random.Next(300);
                break;
            case 3:
                body.HopEntry.HopField.Ingress = (ulong)random.Next(3);
                break;
            case 4:
                for (var copies = random.Next(MaxCopies); copies > 0 && body.PeerEntries.Count > 0; copies--)
                    body.PeerEntries.Add(body.PeerEntries[0].Clone());
                break;
            default:
                body.HopEntry = null;
                break;
        }
        signed.Body = body.ToByteString();
        entry.Signed.HeaderAndBody = signed.ToByteString();
    }

    private static byte[] Change(ref FuzzRandom random, byte[] bytes)
    {
        var (from, to) = (random.Next(bytes.Length), random.Next(bytes.Length));
        switch (random.Next(5))
        {
            case 0:
                return bytes[..from];
            case 1: // A block twice, or gone.
                return [.. bytes[..from], .. bytes[to..]];
            default:
                var changed = (byte[])bytes.Clone();
                changed[from] = random.OneIn(2) ? (byte)(changed[from] ^ 1 << random.Next(8)) : random.NextByte();
                return changed;
        }
    }
}
