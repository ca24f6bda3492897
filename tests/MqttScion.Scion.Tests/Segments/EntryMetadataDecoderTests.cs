using Google.Protobuf;
using static MqttScion.Scion.Tests.SegmentMessages;

namespace MqttScion.Scion.Tests;

public sealed class EntryMetadataDecoderTests
{
    [Fact]
    public void Decode_static_info_written_by_hand_gives_the_fields()
    {
        // Field by field as the tables of the control plane number them, not through the generated code.
        byte[] staticInfo =
        [
            .. Field(1, [.. Field(1, 0x08, 3, 0x10, 20), .. Field(2, 0x08, 2, 0x10, 30)]), // latency: intra, inter
            .. Field(2, [.. Field(1, 0x08, 3, 0x10, 40), .. Field(2, 0x08, 2, 0x10, 50)]), // bandwidth
            .. Field(3, // geo
                [0x08, 2, .. Field(2, [0x0d, 0, 0, 0x40, 0x40, 0x15, 0, 0, 0xc0, 0x3f, .. Field(3, "Bern"u8)])]),
            .. Field(4, 0x08, 2, 0x10, 3), // link type
            .. Field(5, 0x08, 3, 0x10, 60), // internal hops
            .. Field(6, "hello"u8), // note
        ];
        var metadata = Decode(Protobuf.StaticInfoExtension.Parser.ParseFrom(staticInfo));

        metadata.Note.Should().Be("hello");
        metadata.Interfaces.Keys.Should().BeEquivalentTo([2, 3]);
        metadata.Interfaces[3].Should().BeEquivalentTo(new InterfaceMetadata
        {
            EgressLatency = TimeSpan.FromMicroseconds(20),
            EgressKbps = 40,
            EgressHops = 60,
        });
        metadata.Interfaces[2].Should().BeEquivalentTo(new InterfaceMetadata
        {
            LinkLatency = TimeSpan.FromMicroseconds(30),
            LinkKbps = 50,
            LinkType = PathLinkType.OpenNet,
            Location = new GeoCoordinates(3, 1.5f, "Bern"),
        });

        static byte[] Field(int number, params ReadOnlySpan<byte> body) =>
            [(byte)(number << 3 | 2), (byte)body.Length, .. body];
    }

    [Fact]
    public void Decode_link_type_of_a_later_version_is_unspecified()
    {
        var metadata = Decode(new Protobuf.StaticInfoExtension { LinkType = { [2] = (Protobuf.LinkType)99 } });
        metadata.Interfaces[2].LinkType.Should().Be(PathLinkType.Unspecified);
    }

    [Fact]
    public void Decode_extensions_without_use_for_a_path_are_passed_over()
    {
        var bodies = Bodies(2);
        bodies[0].Extensions = new Protobuf.PathSegmentExtensions
        {
            HiddenPath = new Protobuf.HiddenPathExtension { IsHidden = true },
            Discovery = new Protobuf.DiscoveryExtension { ControlServiceAddresses = { "10.0.0.1:30252" } },
            Digests = new Protobuf.DigestExtension
            {
                Epic = new Protobuf.DigestExtension.Types.Digest { Digest_ = ByteString.CopyFromUtf8("digest") },
            },
        };
        var message = Segment(bodies);
        message.AsEntries[0].Unsigned = new Protobuf.PathSegmentUnsignedExtensions
        {
            Epic = new Protobuf.EPICDetachedExtension { AuthHopEntry = ByteString.CopyFrom(new byte[10]) },
        };

        SegmentDecoder.TryDecode(message, Now, out var segment, out var error).Should().BeTrue(error);
        segment!.Entries.Should().OnlyContain(entry => entry.Metadata == null);
    }

    [Theory]
    [InlineData("latency.intra", "latency.intra has 1025 entries; at most 1024 are taken")]
    [InlineData("latency.inter", "latency.inter has 1025 entries; at most 1024 are taken")]
    [InlineData("bandwidth.intra", "bandwidth.intra has 1025 entries; at most 1024 are taken")]
    [InlineData("bandwidth.inter", "bandwidth.inter has 1025 entries; at most 1024 are taken")]
    [InlineData("geo", "geo has 1025 entries; at most 1024 are taken")]
    [InlineData("link_type", "link_type has 1025 entries; at most 1024 are taken")]
    [InlineData("internal_hops", "internal_hops has 1025 entries; at most 1024 are taken")]
    [InlineData("interface", "link_type names interface 65536, which does not fit 16 bits")]
    [InlineData("NaN", "geo of interface 7 is NaN, 8; expected finite degrees")]
    [InlineData("infinity", "geo of interface 7 is 47, -Infinity; expected finite degrees")]
    [InlineData("address", "geo address of interface 7 has 2049 characters; at most 2048 are taken")]
    [InlineData("note", "note has 3145728 characters; at most 2048 are taken")]
    public void Decode_static_info_beyond_reason_is_refused_by_name(string fault, string expected)
    {
        var message = new Protobuf.StaticInfoExtension { Latency = new(), Bandwidth = new() };
        for (var id = 1UL; id <= 1025; id++)
        {
            switch (fault)
            {
                case "latency.intra": message.Latency.Intra.Add(id, 1); break;
                case "latency.inter": message.Latency.Inter.Add(id, 1); break;
                case "bandwidth.intra": message.Bandwidth.Intra.Add(id, 1); break;
                case "bandwidth.inter": message.Bandwidth.Inter.Add(id, 1); break;
                case "geo": message.Geo.Add(id, new()); break;
                case "link_type": message.LinkType.Add(id, Protobuf.LinkType.Direct); break;
                case "internal_hops": message.InternalHops.Add(id, 1); break;
            }
        }
        switch (fault)
        {
            case "interface": message.LinkType[65536] = Protobuf.LinkType.Direct; break;
            case "NaN": message.Geo[7] = new() { Latitude = float.NaN, Longitude = 8 }; break;
            case "infinity": message.Geo[7] = new() { Latitude = 47, Longitude = float.NegativeInfinity }; break;
            case "address": message.Geo[7] = new() { Address = new string('a', 2049) }; break;
            case "note": message.Note = new string('n', 3 << 20); break;
        }

        TryDecode(message, out var segment, out var error).Should().BeFalse();
        segment.Should().BeNull();
        error.Should().Be("entry 1: static_info: " + expected);
    }

    private static EntryMetadata Decode(Protobuf.StaticInfoExtension message)
    {
        TryDecode(message, out var segment, out var error).Should().BeTrue(error);
        segment!.Entries[0].Metadata.Should().BeNull();
        return segment.Entries[1].Metadata!;
    }

    private static bool TryDecode(Protobuf.StaticInfoExtension message, out PathSegment? segment, out string? error)
    {
        var bodies = Bodies(3);
        bodies[1].Extensions = new Protobuf.PathSegmentExtensions { StaticInfo = message };
        return SegmentDecoder.TryDecode(Segment(bodies).ToByteArray(), Now, out segment, out error);
    }
}
