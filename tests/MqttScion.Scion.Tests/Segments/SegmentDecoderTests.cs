using Google.Protobuf;
using static MqttScion.Scion.Tests.SegmentMessages;

namespace MqttScion.Scion.Tests;

public sealed class SegmentDecoderTests
{
    private const ulong FirstAs = 0x0001_ff00_0000_0110;
    private const ulong LastAs = 0x0001_ff00_0000_0111;

    [Fact]
    public void Decode_bytes_written_by_hand_gives_the_fields()
    {
        // Field by field as the tables of the control plane number them, not through the generated code.
        byte[] info = [0x08, 0x80, 0xe2, 0xcf, 0xaa, 0x06, 0x10, 0x11]; // timestamp 1700000000, segment_id 17
        byte[] first =
        [
            0x08, 0x90, 0x82, 0x80, 0x80, 0x80, 0xe0, 0x7f, // isd_as 1-ff00:0:110
            0x10, 0x91, 0x82, 0x80, 0x80, 0x80, 0xe0, 0x7f, // next_isd_as 1-ff00:0:111
            .. Message(3, Message(1, [0x10, 0x04, 0x18, 0x3f, .. Message(4, [1, 2, 3, 4, 5, 6])])),
            0x28, 0xf8, 0x0a, // mtu 1400
        ];
        byte[] last =
        [
            0x08, 0x91, 0x82, 0x80, 0x80, 0x80, 0xe0, 0x7f,
            .. Message(3,
                [.. Message(1, [0x08, 0x05, 0x18, 0x3f, .. Message(4, [9, 9, 9, 9, 9, 9])]), 0x10, 0x80, 0x0a]),
        ];
        byte[] segment = [.. Message(1, info), .. Message(2, Entry(first)), .. Message(2, Entry(last))];

        SegmentDecoder.TryDecode(segment, Now, out var decoded, out var error).Should().BeTrue(error);
        decoded!.Timestamp.Should().Be(1_700_000_000);
        decoded.SegmentId.Should().Be(17);
        decoded.Entries.Should().HaveCount(2);
        decoded.First.Should().Be(new IsdAs(FirstAs));
        decoded.Entries[0].Hop.Should().Be(new HopField(false, false, 63, 0, 4, 0x010203040506));
        decoded.Entries[0].Mtu.Should().Be(1400);
        decoded.Entries[1].Hop.Should().Be(new HopField(false, false, 63, 5, 0, 0x090909090909));
        decoded.Entries[1].IngressMtu.Should().Be(1280);
        decoded.BetaBefore(1).Should().Be(17 ^ 0x0102);

        static byte[] Message(int field, byte[] body) => [(byte)(field << 3 | 2), (byte)body.Length, .. body];
        static byte[] Entry(byte[] body) => Message(1, Message(1, Message(2, body)));
    }

    [Theory]
    [InlineData("first ingress", "entry 0: ingress is 1")]
    [InlineData("last egress", "entry 1: egress is 1")]
    [InlineData("first egress missing", "entry 0: egress is 0")]
    [InlineData("last next", "entry 1: next_isd_as is 1-ff00:0:110")]
    [InlineData("wrong next", "entry 1 is of 1-ff00:0:111; the one before names 1-1 as next")]
    [InlineData("short mac", "entry 1: mac has 5 bytes; expected 6")]
    [InlineData("long mac", "entry 1: mac has 7 bytes; expected 6")]
    [InlineData("no hop entry", "entry 1: hop_field is missing")]
    [InlineData("no hop field", "entry 1: hop_field is missing")]
    [InlineData("exp time", "entry 0: exp_time 256 does not fit 8 bits")]
    [InlineData("egress 16 bits", "entry 0: egress 65536 does not fit 16 bits")]
    [InlineData("wildcard", "entry 0: isd_as 0-0 is a wildcard")]
    [InlineData("peer egress", "entry 0: peer 0: egress is 3; that of the AS is 2")]
    [InlineData("peer ingress", "entry 0: peer 0: ingress is 0")]
    [InlineData("peer interface", "entry 0: peer 0: peer_interface 65536 does not fit 16 bits")]
    public void Decode_segment_that_breaks_a_rule_names_it(string fault, string expected)
    {
        var first = Body(FirstAs, LastAs, ingress: 0, egress: 2);
        var last = Body(LastAs, next: 0, ingress: 3, egress: 0);
        var peer = new Protobuf.PeerEntry { PeerIsdAs = LastAs, PeerInterface = 9, HopField = Hop(8, 2) };
        switch (fault)
        {
            case "first ingress": first.HopEntry.HopField.Ingress = 1; break;
            case "last egress": last.HopEntry.HopField.Egress = 1; break;
            case "first egress missing": first.HopEntry.HopField.Egress = 0; break;
            case "last next": last.NextIsdAs = FirstAs; break;
            case "wrong next": first.NextIsdAs = new IsdAs(1, 1).Value; break;
            case "short mac": last.HopEntry.HopField.Mac = ByteString.CopyFrom(new byte[5]); break;
            case "long mac": last.HopEntry.HopField.Mac = ByteString.CopyFrom(new byte[7]); break;
            case "no hop entry": last.HopEntry = null; break;
            case "no hop field": last.HopEntry.HopField = null; break;
            case "exp time": first.HopEntry.HopField.ExpTime = 256; break;
            case "egress 16 bits": first.HopEntry.HopField.Egress = 65536; break;
            case "wildcard": first.IsdAs = 0; break;
            case "peer egress": peer.HopField.Egress = 3; break;
            case "peer ingress": peer.HopField.Ingress = 0; break;
            case "peer interface": peer.PeerInterface = 65536; break;
            default: throw new ArgumentOutOfRangeException(nameof(fault));
        }
        first.PeerEntries.Add(peer);

        SegmentDecoder.TryDecode(Segment(first, last), Now, out _, out var error).Should().BeFalse();
        error.Should().Be(expected);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(65)]
    public void Decode_number_of_entries_out_of_bounds_is_refused(int count)
    {
        SegmentDecoder.TryDecode(Chain(count), Now, out _, out var error).Should().BeFalse();
        error.Should().Be($"{count} entries; expected 2 to 63");
    }

    [Fact]
    public void Decode_longest_segment_is_taken()
    {
        SegmentDecoder.TryDecode(Chain(63), Now, out var segment, out var error).Should().BeTrue(error);
        segment!.Entries.Should().HaveCount(63);
    }

    [Theory]
    [InlineData(-1L, 0u)]
    [InlineData(4294967296L, 0u)]
    [InlineData(1L, 65536u)]
    public void Decode_segment_information_out_of_range_is_refused(long timestamp, uint segmentId)
    {
        var segment = Chain(2);
        var info = new Protobuf.SegmentInformation { Timestamp = timestamp, SegmentId = segmentId };
        segment.SegmentInfo = info.ToByteString();
        SegmentDecoder.TryDecode(segment, Now, out _, out var error).Should().BeFalse();
        error.Should().Contain("does not fit");
    }

    [Fact]
    public void Decode_entry_without_signed_message_is_refused()
    {
        var segment = Chain(2);
        segment.AsEntries[1].Signed = null;
        SegmentDecoder.TryDecode(segment, Now, out _, out var error).Should().BeFalse();
        error.Should().Be("entry 1: signed is missing");
    }

    [Fact]
    public void Decode_truncated_or_altered_bytes_never_throws()
    {
        var bytes = Chain(3).ToByteArray();
        for (var length = 0; length < bytes.Length; length++)
        {
            SegmentDecoder.TryDecode(bytes.AsSpan(0, length), Now, out _, out _).Should().BeFalse();
        }
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            var altered = (byte[])bytes.Clone();
            altered[bit / 8] ^= (byte)(1 << bit % 8);
            var isTaken = SegmentDecoder.TryDecode(altered, Now, out var segment, out var error);
            isTaken.Should().Be(segment is not null).And.Be(error is null);
        }
    }
}
