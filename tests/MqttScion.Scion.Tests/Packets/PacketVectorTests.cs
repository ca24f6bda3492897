using System.Buffers.Binary;
using System.Text.Json;

namespace MqttScion.Scion.Tests;

public class PacketVectorTests
{
    [VectorFact]
    public void Every_packet_decodes_to_its_expected_fields()
    {
        foreach (var file in VectorFile.Json("packets.json").Table("files", 7))
        {
            var packet = VectorFile.Bytes("packets/" + file.Name);
            ScionPacketReader.TryRead(packet, out var reader, out var error).Should().BeTrue(file.Name + error);
            CheckHeader(reader, file.Value, file.Name);
            if (file.Value.TryGetProperty("udp", out var udp))
                CheckUdp(reader, udp);
            if (file.Value.TryGetProperty("type", out var type))
                CheckScmp(reader, (ScmpType)type.GetByte(), file.Value);
            if (file.Value.TryGetProperty("hbh", out var hopByHop))
                CheckExtension(reader.HopByHop, reader.HopByHopOptions, hopByHop);
            if (file.Value.TryGetProperty("e2e", out var endToEnd))
                CheckExtension(reader.EndToEnd, reader.EndToEndOptions, endToEnd);
        }
    }

    [VectorFact]
    public void Extension_headers_are_skipped_and_located()
    {
        var packet = VectorFile.Bytes("packets/scion-udp-extn.bin");
        ScionPacketReader.TryRead(packet, out var reader, out _).Should().BeTrue();
        reader.HopByHop.Length.Should().Be(28);
        reader.HopByHop[0].Should().Be(201);
        reader.EndToEnd.Length.Should().Be(32);
        reader.EndToEnd[0].Should().Be(17);
        reader.Protocol.Should().Be(L4Protocol.Udp);
        reader.UpperLayerOffset.Should().Be(29 * 4 + 28 + 32);
        ScionChecksum.IsValid(reader.AddressHeader, reader.Protocol, reader.UpperLayer).Should().BeTrue();
    }

    [VectorFact]
    public void Header_template_reproduces_the_captured_packets()
    {
        foreach (var name in new[] { "empty-udp.bin", "scion-udp.bin" })
        {
            var packet = VectorFile.Bytes("packets/" + name);
            ScionPacketReader.TryRead(packet, out var reader, out _).Should().BeTrue();
            ScionUdpHeader.TryRead(reader.UpperLayer, out var udp, out var payloadLength, out _).Should().BeTrue();
            var template = new HeaderTemplate(
                new ScionEndPoint(reader.SourceIsdAs, reader.SourceHost, udp.SourcePort),
                new ScionEndPoint(reader.DestinationIsdAs, reader.DestinationHost, udp.DestinationPort),
                reader.PathType,
                reader.RawPath,
                reader.TrafficClass,
                reader.FlowId);
            template.RawPath.SequenceEqual(reader.RawPath).Should().BeTrue();
            var segment = new byte[template.Length + payloadLength];
            reader.UpperLayer[ScionUdpHeader.Length..].CopyTo(segment.AsSpan(template.Length));
            template.Stamp(segment);
            segment.Should().Equal(packet);
        }
    }

    [VectorFact]
    public void Checksum_table_holds()
    {
        foreach (var c in VectorFile.Json("checksum.json").Rows("cases", 5))
        {
            var header = new byte[16 + 2 * ScionHost.MaxLength];
            var length = 16;
            BinaryPrimitives.WriteUInt64BigEndian(header, IsdAsOf(c, "dst_ia").Value);
            BinaryPrimitives.WriteUInt64BigEndian(header.AsSpan(8), IsdAsOf(c, "src_ia").Value);
            foreach (var name in new[] { "dst_host", "src_host" })
            {
                ScionHost.TryParse(c.GetProperty(name).GetString(), out var host).Should().BeTrue();
                length += host.CopyTo(header.AsSpan(length));
            }
            var isWhole = c.TryGetProperty("upper_layer", out _);
            var upperLayer = c.Hex(isWhole ? "upper_layer" : "upper_layer_with_zero_checksum_prefix");
            var protocol = (L4Protocol)c.GetProperty("protocol").GetByte();
            var addressHeader = header.AsSpan(0, length);
            var checksum = ScionChecksum.Compute(addressHeader, protocol, upperLayer);
            checksum.ToString("x4").Should().Be(c.GetProperty("checksum").GetString());

            // With the checksum filled in, the sum is right.
            var field = upperLayer.AsSpan(isWhole ? ScmpMessage.ChecksumOffset : 0);
            BinaryPrimitives.WriteUInt16BigEndian(field, checksum);
            ScionChecksum.IsValid(addressHeader, protocol, upperLayer).Should().BeTrue();
        }
    }

    private static void CheckHeader(ScionPacketReader reader, JsonElement expected, string name)
    {
        foreach (var field in expected.EnumerateObject())
        {
            object? actual = field.Name switch
            {
                "traffic_class" => (int)reader.TrafficClass,
                "flow_id" => (int)reader.FlowId,
                "hdr_len" => reader.HeaderLength / 4,
                "payload_len" => reader.PayloadLength,
                "next_hdr" => (int)reader.NextHeader,
                "path_type" => (int)reader.PathType,
                "dst_type" => (int)reader.DestinationHost.TypeAndLength,
                "src_type" => (int)reader.SourceHost.TypeAndLength,
                "dst_ia" => reader.DestinationIsdAs.ToString(),
                "src_ia" => reader.SourceIsdAs.ToString(),
                "dst_host" => reader.DestinationHost.ToString(),
                "src_host" => reader.SourceHost.ToString(),
                "path" => Convert.ToHexStringLower(reader.StandardPath),
                "hbh" or "e2e" or "udp" or "type" or "code" or "checksum" or "body" or "quote" or "ia" or "ifid"
                    or "ingress" or "egress" or "payload" or "note" => null, // Checked elsewhere.
                _ => throw new InvalidDataException($"{name} {field.Name} is not looked at."),
            };
            if (actual is int number)
                number.Should().Be(field.Value.GetInt32(), $"{name} {field.Name}");
            else if (field.Name == "path")
                actual.Should().Be(VectorFile.Json("path.json").GetProperty("raw_path_hex").GetString());
            else if (actual is not null)
                actual.Should().Be(field.Value.GetString(), $"{name} {field.Name}");
        }
    }

    private static void CheckExtension(ReadOnlySpan<byte> bytes, ExtensionOptions options, JsonElement expected)
    {
        bytes[0].Should().Be(expected.GetProperty("next_hdr").GetByte());
        bytes[1].Should().Be(expected.GetProperty("ext_len").GetByte());
        bytes.Length.Should().Be(expected.GetProperty("actual_len").GetInt32());
        var count = 0;
        foreach (var _ in options)
            count++;
        count.Should().Be(expected.GetProperty("options").GetInt32());
    }

    private static void CheckUdp(ScionPacketReader reader, JsonElement expected)
    {
        reader.Protocol.Should().Be(L4Protocol.Udp);
        ScionUdpHeader.TryRead(reader.UpperLayer, out var udp, out var payloadLength, out _).Should().BeTrue();
        udp.SourcePort.Should().Be(expected.GetProperty("src").GetUInt16());
        udp.DestinationPort.Should().Be(expected.GetProperty("dst").GetUInt16());
        udp.UdpLength.Should().Be(expected.GetProperty("len").GetUInt16());
        udp.Checksum.ToString("x4").Should().Be(expected.GetProperty("checksum").GetString());
        var payload = reader.UpperLayer.Slice(ScionUdpHeader.Length, payloadLength).ToArray();
        payload.Should().Equal(Enumerable.Range(0, 1024).Select(i => (byte)i));
    }

    private static void CheckScmp(ScionPacketReader reader, ScmpType type, JsonElement expected)
    {
        reader.Protocol.Should().Be(L4Protocol.Scmp);
        ScmpMessage.TryRead(reader.UpperLayer, out var message, out var quote, out _).Should().BeTrue();
        message.Type.Should().Be(type);
        message.Code.Should().Be(expected.GetProperty("code").GetByte());
        quote.ToArray().Should().Equal(Enumerable.Repeat((byte)0xff, 18));
        if (expected.TryGetProperty("ia", out var isdAs))
            message.IsdAs.ToString().Should().Be(isdAs.GetString());
        if (expected.TryGetProperty("ifid", out var ifId) || expected.TryGetProperty("ingress", out ifId))
            message.Interface.Should().Be(ifId.GetUInt64());
        if (expected.TryGetProperty("egress", out var egress))
            message.Egress.Should().Be(egress.GetUInt64());
    }

    private static IsdAs IsdAsOf(JsonElement element, string name) =>
        IsdAs.Parse(element.GetProperty(name).GetString()!);
}
