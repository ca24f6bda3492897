using System.Text.Json;

namespace MqttScion.Scion.Tests;

public class PacketVectorTests
{
    [VectorFact]
    public void Every_packet_decodes_to_its_expected_fields()
    {
        foreach (var file in VectorFile.Json("packets.json").GetProperty("files").EnumerateObject())
        {
            var packet = VectorFile.Bytes("packets/" + file.Name);
            ScionPacketReader.TryRead(packet, out var reader, out var error).Should().BeTrue(file.Name + error);
            CheckHeader(reader, file.Value, file.Name);
            if (file.Value.TryGetProperty("udp", out var udp))
                CheckUdp(reader, udp);
            if (file.Value.TryGetProperty("type", out var type))
                CheckScmp(reader, (ScmpType)type.GetByte(), file.Value);
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
    public void Truncation_at_every_length_is_an_error_and_never_throws()
    {
        foreach (var name in VectorFile.Names("packets/*.bin"))
        {
            var packet = VectorFile.Bytes(name);
            for (var length = 0; length < packet.Length; length++)
            {
                ReadAll(packet.AsSpan(0, length)).Should().BeFalse();
                ReadAll(packet.AsSpan(length));
            }
            ReadAll(packet).Should().BeTrue();
        }
    }

    [VectorFact]
    public void Flip_of_every_single_bit_never_throws()
    {
        foreach (var name in VectorFile.Names("packets/*.bin"))
        {
            var packet = VectorFile.Bytes(name);
            for (var bit = 0; bit < packet.Length * 8; bit++)
            {
                packet[bit / 8] ^= (byte)(1 << (bit % 8));
                ReadAll(packet);
                packet[bit / 8] ^= (byte)(1 << (bit % 8));
            }
        }
    }

    [VectorFact]
    public void Checksum_table_holds()
    {
        foreach (var c in VectorFile.Json("checksum.json").GetProperty("cases").EnumerateArray())
        {
            var header = new byte[16 + 2 * ScionHost.MaxLength];
            var length = 16;
            System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(header, IsdAsOf(c, "dst_ia").Value);
            System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(header.AsSpan(8), IsdAsOf(c, "src_ia").Value);
            foreach (var name in new[] { "dst_host", "src_host" })
            {
                ScionHost.TryParse(c.GetProperty(name).GetString(), out var host).Should().BeTrue();
                length += host.CopyTo(header.AsSpan(length));
            }
            var hex = c.TryGetProperty("upper_layer", out var whole)
                ? whole.GetString()!
                : c.GetProperty("upper_layer_with_zero_checksum_prefix").GetString()!;
            var protocol = (L4Protocol)c.GetProperty("protocol").GetByte();
            var checksum = ScionChecksum.Compute(header.AsSpan(0, length), protocol, Convert.FromHexString(hex));
            checksum.ToString("x4").Should().Be(c.GetProperty("checksum").GetString());
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
                _ => null,
            };
            if (actual is int number)
                number.Should().Be(field.Value.GetInt32(), $"{name} {field.Name}");
            else if (actual is not null)
                actual.Should().Be(field.Value.GetString(), $"{name} {field.Name}");
        }
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

    /// <summary>Touches everything a receiver could touch.</summary>
    private static bool ReadAll(ReadOnlySpan<byte> packet)
    {
        var isRead = ScionPacketReader.TryRead(packet, out var reader, out var error);
        if ((error.Kind == ScionParseErrorKind.None) != isRead)
            Assert.Fail($"Read: {isRead}, but {error}");
        Touch(isRead, reader);
        Touch(ScionPacketReader.TryReadQuote(packet, out reader, out _), reader);
        return isRead;
    }

    private static void Touch(bool isRead, ScionPacketReader reader)
    {
        if (!isRead)
            return;
        _ = reader.DestinationHost.ToString() + reader.SourceHost + reader.HopByHop.Length + reader.EndToEnd.Length;
        Span<byte> reversed = stackalloc byte[ScionPacketReader.MaxHeaderLength];
        PathReversal.TryReverse(reader.PathType, reader.RawPath, reversed, out _, out _);
        if (reader.PathType == PathType.Scion && PathHeader.TryRead(reader.RawPath, out var path, out _))
        {
            for (var i = 0; i < path.HopFieldCount; i++)
                _ = PathHeader.ReadInfoField(reader.RawPath, path.InfoFieldOfHop(i)).Timestamp
                    + path.ReadHopField(reader.RawPath, i).Mac;
        }
        if (ScmpMessage.TryRead(reader.UpperLayer, out var message, out var data, out _))
            _ = message.ToString() + data.Length;
        ScionUdpHeader.TryRead(reader.UpperLayer, out _, out _, out _);
        ScionChecksum.IsValid(reader.AddressHeader, reader.Protocol, reader.UpperLayer);
    }

    private static IsdAs IsdAsOf(JsonElement element, string name) =>
        IsdAs.Parse(element.GetProperty(name).GetString()!);
}
