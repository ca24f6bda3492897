using System.Globalization;
using System.Text.Json;

namespace MqttScion.Scion.Tests;

public class ExtensionVectorTests
{
    private static JsonElement Vectors => VectorFile.Json("extn.json");

    [VectorFact]
    public void Options_are_written_at_their_alignment()
    {
        Write(L4Protocol.Udp, "opt_x", "opt_y").Should().Equal(Vectors.Hex("hbh_xy"));
        Write(L4Protocol.Udp, "opt_y", "opt_x").Should().Equal(Vectors.Hex("e2e_yx"));
        Write(L4Protocol.Udp, "opt_x", "opt_y")[2..].Should().Equal(Vectors.Hex("tlv_xy"));
        Write(L4Protocol.Udp, "opt_y", "opt_x")[2..].Should().Equal(Vectors.Hex("tlv_yx"));
    }

    [VectorFact]
    public void Last_option_is_padded_to_four_bytes()
    {
        foreach (var row in Vectors.Rows("final_padding", 6))
        {
            var option = new byte[row.GetProperty("len").GetInt32()];
            option.AsSpan().Fill(0xff);
            var expected = row.Hex("hex");
            var bytes = new byte[expected.Length + 2];
            var writer = new ExtensionWriter(bytes);
            writer.TryAdd(expected[0], option).Should().BeTrue();
            writer.TryFinish(L4Protocol.Scmp, out var length).Should().BeTrue();
            length.Should().Be(bytes.Length);
            bytes[2..].Should().Equal(expected);
            bytes[..2].Should().Equal((byte)L4Protocol.Scmp, (byte)(length / 4 - 1));
        }
    }

    [VectorFact]
    public void Options_are_found_in_their_order()
    {
        var types = Read(L4Protocol.HopByHop, Vectors.Hex("hbh_xy"), out var data);
        types.Should().Equal(Vectors.Rows("hbh_xy_decoded_types", 3).Select(t => t.GetByte()));
        data.Should().Contain(Convert.ToHexStringLower(Vectors.GetProperty("opt_x").Hex("data")));
        data.Should().Contain(Convert.ToHexStringLower(Vectors.GetProperty("opt_y").Hex("data")));
        Read(L4Protocol.EndToEnd, Vectors.Hex("e2e_yx"), out _)
            .Should().Equal(Vectors.Rows("e2e_yx_decoded_types", 4).Select(t => t.GetByte()));
    }

    [VectorFact]
    public void Authenticator_option_is_read_and_written()
    {
        var expected = Vectors.GetProperty("spao_option");
        var extension = expected.Hex("e2e_hex");
        var packet = PacketBuilder.WithPayload(L4Protocol.EndToEnd, [.. extension, 1, 2, 3, 4, 5, 6, 7, 8]);
        ScionPacketReader.TryRead(packet, out var reader, out var error).Should().BeTrue(error.Message);

        reader.TryGetAuthenticator(out var option).Should().BeTrue();
        option.Spi.Value.Should().Be(expected.GetProperty("spi").GetUInt32());
        option.Algorithm.Should().Be(expected.GetProperty("algorithm").GetByte());
        var sequence = expected.GetProperty("timestamp_sn").GetString()!;
        option.TimestampSequence.Should().Be(ulong.Parse(sequence, NumberStyles.HexNumber, null));
        option.Mac.SequenceEqual("16byte_mac_foooo"u8).Should().BeTrue();
        expected.GetProperty("auth_ascii").GetString().Should().Be("16byte_mac_foooo");

        var written = new byte[extension.Length];
        var writer = new ExtensionWriter(written);
        option.TryWrite(ref writer).Should().BeTrue();
        writer.TryFinish(L4Protocol.Udp, out _).Should().BeTrue();
        written.Should().Equal(extension);
    }

    private static byte[] Write(L4Protocol next, params string[] names)
    {
        var bytes = new byte[100];
        var writer = new ExtensionWriter(bytes);
        foreach (var name in names)
        {
            var option = Vectors.GetProperty(name);
            var (type, align) = (option.GetProperty("type").GetByte(), option.GetProperty("align"));
            writer.TryAdd(type, option.Hex("data"), align[0].GetInt32(), align[1].GetInt32()).Should().BeTrue();
        }
        writer.TryFinish(next, out var length).Should().BeTrue();
        return bytes[..length];
    }

    private static List<byte> Read(L4Protocol kind, byte[] extension, out List<string> data)
    {
        var packet = PacketBuilder.WithPayload(kind, extension);
        ScionPacketReader.TryRead(packet, out var reader, out var error).Should().BeTrue(error.Message);
        var types = new List<byte>();
        data = [];
        foreach (var option in kind == L4Protocol.HopByHop ? reader.HopByHopOptions : reader.EndToEndOptions)
        {
            types.Add(option.Type);
            data.Add(Convert.ToHexStringLower(option.Data));
            extension[option.Offset].Should().Be(option.Type);
            option.IsPadding.Should().Be(option.Type < 2);
        }
        return types;
    }
}
