using System.Buffers.Binary;
using System.Text.Json;

namespace MqttScion.Scion.Tests;

public class ScmpVectorTests
{
    private static JsonElement Vectors => VectorFile.Json("scmp.json");

    [VectorFact]
    public void Every_message_decodes_and_encodes_back()
    {
        foreach (var c in Vectors.Rows("full", 8))
        {
            var bytes = Convert.FromHexString(c.GetProperty("hex").GetString()!);
            ScmpMessage.TryRead(bytes, out var message, out var data, out _).Should().BeTrue();
            CheckFields(message, c);
            if (c.TryGetProperty("checksum", out var checksum))
                Convert.ToHexStringLower(bytes, ScmpMessage.ChecksumOffset, 2).Should().Be(checksum.GetString());
            if (c.TryGetProperty("payload", out _))
                data.ToArray().Should().Equal(c.Hex("payload"));
            data.ToArray().Should().Equal(Enumerable.Repeat((byte)0xff, 15));

            var written = new byte[bytes.Length];
            message.Write(written);
            data.CopyTo(written.AsSpan(message.Length));
            bytes.AsSpan(ScmpMessage.ChecksumOffset, 2).CopyTo(written.AsSpan(ScmpMessage.ChecksumOffset));
            written.Should().Equal(bytes, c.GetProperty("name").GetString());
        }
    }

    [VectorFact]
    public void Body_that_is_too_short_is_an_error()
    {
        foreach (var c in Vectors.Rows("body_errors", 6))
        {
            var bytes = new byte[4 + c.GetProperty("len").GetInt32()];
            bytes[0] = c.GetProperty("type").GetByte();
            ScmpMessage.TryRead(bytes, out _, out _, out var error).Should().BeFalse();
            error.Kind.Should().Be(ScionParseErrorKind.Truncated);
        }
        ScmpMessage.TryRead(Vectors.GetProperty("header").Hex("too_short"), out _, out _, out _).Should().BeFalse();
    }

    [VectorFact]
    public void Header_is_type_code_and_checksum()
    {
        var expected = Vectors.GetProperty("header");
        var bytes = expected.Hex("hex");
        bytes[0].Should().Be(expected.GetProperty("type").GetByte());
        bytes[1].Should().Be(expected.GetProperty("code").GetByte());
        BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(ScmpMessage.ChecksumOffset))
            .Should().Be(expected.GetProperty("checksum_dec").GetUInt16());

        // The header alone is right; the body of this type needs 16 bytes, and 15 follow.
        ScmpMessage.TryRead(bytes, out _, out _, out var error).Should().BeFalse();
        error.Should().Be(new ScionParseError(ScionParseErrorKind.Truncated, 0, 20, 19));
    }

    [VectorFact]
    public void Reserved_bytes_of_destination_unreachable_are_ignored()
    {
        byte[] bytes = [1, 0, 0, 0, .. Vectors.Hex("dest_unreachable_reserved_ignored")];
        ScmpMessage.TryRead(bytes, out var message, out var data, out _).Should().BeTrue();
        message.Should().Be(new ScmpMessage(ScmpType.DestinationUnreachable, ScmpCode.NoRoute));
        data.ToArray().Should().Equal(bytes[8..]);
    }

    [VectorFact]
    public void Names_table_holds()
    {
        foreach (var c in Vectors.Rows("names", 5))
        {
            var message = new ScmpMessage((ScmpType)c.GetProperty("type").GetByte(), c.GetProperty("code").GetByte());
            message.ToString().Should().Be(c.GetProperty("s").GetString());
        }
    }

    private static void CheckFields(ScmpMessage message, JsonElement expected)
    {
        foreach (var field in expected.EnumerateObject())
        {
            ulong? actual = field.Name switch
            {
                "type" => (byte)message.Type,
                "code" => message.Code,
                "mtu" => message.Mtu,
                "pointer" => message.ParameterPointer,
                "ingress" or "ifid" or "interface" => message.Interface,
                "egress" => message.Egress,
                "id" => message.Identifier,
                "seq" => message.Sequence,
                _ => null,
            };
            if (actual is not null)
                actual.Should().Be(field.Value.GetUInt64(), field.Name);
            if (field.Name == "ia")
                message.IsdAs.ToString().Should().Be(field.Value.GetString());
        }
    }
}
