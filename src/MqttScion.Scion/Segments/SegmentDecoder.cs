using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;

namespace MqttScion.Scion;

/// <summary>Decodes path segments and refuses those that break a rule. Never throws on bytes from outside.</summary>
/// <remarks>Signatures are not verified: an end host trusts the endhost API of its own AS.</remarks>
internal static class SegmentDecoder
{
    /// <summary>The most peering links that the ASes of a segment may announce together.</summary>
    public const int MaxPeers = 512;

    /// <summary>How far the clocks of the network may be ahead of ours.</summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    /// <summary>No hop field lives longer.</summary>
    private static readonly TimeSpan LongestLifetime = TimeSpan.FromDays(1);

    /// <summary>Decodes a serialized segment.</summary>
    public static bool TryDecode(
        ReadOnlySpan<byte> bytes,
        DateTimeOffset now,
        [NotNullWhen(true)] out PathSegment? segment,
        [NotNullWhen(false)] out string? error)
    {
        segment = null;
        return TryParse(Protobuf.PathSegment.Parser, bytes, "the segment", out var message, out error)
            && TryDecode(message, now, out segment, out error);
    }

    /// <summary>Decodes a segment whose outermost message is parsed already.</summary>
    public static bool TryDecode(
        Protobuf.PathSegment message,
        DateTimeOffset now,
        [NotNullWhen(true)] out PathSegment? segment,
        [NotNullWhen(false)] out string? error)
    {
        segment = null;
        var infoBytes = message.SegmentInfo.Span;
        var count = message.AsEntries.Count;
        error = count is < 2 or > PathSegment.MaxEntries ? $"{count} entries; expected 2 to {PathSegment.MaxEntries}"
            : infoBytes.IsEmpty ? "segment_info is missing"
            : null;
        if (error is not null
            || !TryParse(Protobuf.SegmentInformation.Parser, infoBytes, "segment_info", out var info, out error)
            || (error = FaultIn(info, now)) is not null)
        {
            return false;
        }

        var entries = new SegmentEntry[count];
        var (expected, peerCount) = (0UL, 0);
        for (var i = 0; i < count; i++)
        {
            var position = i == 0 ? Position.First : i == count - 1 ? Position.Last : Position.Middle;
            if (!TryDecodeBody(message.AsEntries[i], out var body, out error)
                || !TryDecodeEntry(body, position, out entries[i]!, out error))
            {
                error = $"entry {i}: {error}";
                return false;
            }
            peerCount += entries[i].Peers.Count;
            error = i > 0 && body.IsdAs != expected
                    ? $"entry {i} is of {entries[i].IsdAs}; the one before names {new IsdAs(expected)} as next"
                : IndexOf(entries, body.IsdAs) is var earlier && earlier < i
                    ? $"entries {earlier} and {i} are both of {entries[i].IsdAs}"
                : peerCount > MaxPeers ? $"{peerCount} peer entries up to entry {i}; at most {MaxPeers} are taken"
                : null;
            if (error is not null)
            {
                return false;
            }
            expected = body.NextIsdAs;
        }
        segment = new PathSegment((uint)info.Timestamp, (ushort)info.SegmentId, entries);
        return true;
    }

    private static string? FaultIn(Protobuf.SegmentInformation info, DateTimeOffset now)
    {
        if (info.Timestamp is < 0 or > uint.MaxValue)
        {
            return $"timestamp {info.Timestamp} does not fit 32 bits";
        }
        if (info.SegmentId > ushort.MaxValue)
        {
            return $"segment_id {info.SegmentId} does not fit 16 bits";
        }
        var made = DateTimeOffset.FromUnixTimeSeconds(info.Timestamp);
        return made - now > ClockSkew
            ? $"timestamp {info.Timestamp} ({made:u}) is in the future; it is {now:u}"
            : now - made > LongestLifetime ? $"timestamp {info.Timestamp} ({made:u}) is over a day ago; it is {now:u}"
            : null;
    }

    private static int IndexOf(SegmentEntry[] entries, ulong isdAs)
    {
        var index = 0;
        while (entries[index].IsdAs.Value != isdAs)
        {
            index++;
        }
        return index;
    }

    private static bool TryDecodeBody(
        Protobuf.ASEntry entry,
        [NotNullWhen(true)] out Protobuf.ASEntrySignedBody? body,
        [NotNullWhen(false)] out string? error)
    {
        body = null;
        var signedBytes = entry.Signed is null ? default : entry.Signed.HeaderAndBody.Span;
        if (signedBytes.IsEmpty)
        {
            error = $"{(entry.Signed is null ? "signed" : "header_and_body")} is missing";
            return false;
        }
        return TryParse(Protobuf.HeaderAndBody.Parser, signedBytes, "header_and_body", out var signed, out error)
            && TryParse(Protobuf.ASEntrySignedBody.Parser, signed.Body.Span, "body", out body, out error);
    }

    private static bool TryDecodeEntry(
        Protobuf.ASEntrySignedBody body,
        Position position,
        [NotNullWhen(true)] out SegmentEntry? entry,
        [NotNullWhen(false)] out string? error)
    {
        entry = null;
        var isdAs = new IsdAs(body.IsdAs);
        if (isdAs.IsWildcard)
        {
            error = $"isd_as {isdAs} is a wildcard";
            return false;
        }
        if (!TryDecodeHop(body.HopEntry?.HopField, out var hop, out error))
        {
            return false;
        }

        error = (hop.ConsIngress == 0) != (position == Position.First) ? $"ingress is {hop.ConsIngress}"
            : (hop.ConsEgress == 0) != (position == Position.Last) ? $"egress is {hop.ConsEgress}"
            : (body.NextIsdAs == 0) != (position == Position.Last) ? $"next_isd_as is {new IsdAs(body.NextIsdAs)}"
            : body.PeerEntries.Count > MaxPeers ? $"{body.PeerEntries.Count} peer entries; at most {MaxPeers} are taken"
            : null;
        if (error is not null)
        {
            return false;
        }

        EntryMetadata? metadata = null;
        if (body.Extensions?.StaticInfo is { } staticInfo
            && !EntryMetadataDecoder.TryDecode(staticInfo, out metadata, out error))
        {
            error = $"static_info: {error}";
            return false;
        }
        var peers = new SegmentPeer[body.PeerEntries.Count];
        for (var i = 0; i < peers.Length; i++)
        {
            if (!TryDecodePeer(body.PeerEntries[i], hop.ConsEgress, out peers[i]!, out error))
            {
                error = $"peer {i}: {error}";
                return false;
            }
        }
        entry = new SegmentEntry(isdAs, hop, peers, Mtu(body.Mtu), Mtu(body.HopEntry!.IngressMtu), metadata);
        return true;
    }

    private static bool TryDecodePeer(
        Protobuf.PeerEntry message,
        ushort egress,
        [NotNullWhen(true)] out SegmentPeer? peer,
        [NotNullWhen(false)] out string? error)
    {
        peer = null;
        if (!TryDecodeHop(message.HopField, out var hop, out error))
        {
            return false;
        }
        error = message.PeerInterface > ushort.MaxValue ? $"peer_interface {message.PeerInterface} does not fit 16 bits"
            : hop.ConsIngress == 0 ? "ingress is 0"
            : hop.ConsEgress != egress ? $"egress is {hop.ConsEgress}; that of the AS is {egress}"
            : null;
        if (error is not null)
        {
            return false;
        }
        peer = new SegmentPeer(
            new IsdAs(message.PeerIsdAs), (ushort)message.PeerInterface, hop, Mtu(message.PeerMtu));
        return true;
    }

    private static bool TryDecodeHop(
        Protobuf.HopField? message,
        out HopField hop,
        [NotNullWhen(false)] out string? error)
    {
        hop = default;
        error = message is null ? "hop_field is missing"
            : message.Ingress > ushort.MaxValue ? $"ingress {message.Ingress} does not fit 16 bits"
            : message.Egress > ushort.MaxValue ? $"egress {message.Egress} does not fit 16 bits"
            : message.ExpTime > byte.MaxValue ? $"exp_time {message.ExpTime} does not fit 8 bits"
            : message.Mac.Length != HopField.MacLength
                ? $"mac has {message.Mac.Length} bytes; expected {HopField.MacLength}"
            : null;
        if (error is not null)
        {
            return false;
        }
        hop = new HopField(
            (byte)message!.ExpTime, (ushort)message.Ingress, (ushort)message.Egress, message.Mac.Span);
        return true;
    }

    private static bool TryParse<T>(
        MessageParser<T> parser,
        ReadOnlySpan<byte> bytes,
        string what,
        [NotNullWhen(true)] out T? message,
        [NotNullWhen(false)] out string? error)
        where T : class, IMessage<T>
    {
        try
        {
            message = parser.ParseFrom(bytes);
            error = null;
            return true;
        }
        catch (InvalidProtocolBufferException e)
        {
            message = null;
            error = $"{what} is not valid protobuf: {e.Message}";
            return false;
        }
    }

    private static int Mtu(uint bytes) => (int)Math.Min(bytes, ushort.MaxValue);

    private enum Position
    {
        First,
        Middle,
        Last,
    }
}
