using System.Text.Json;

namespace MqttScion.Scion.Tests;

public class ScmpVectorTests
{
    private static JsonElement Vectors => VectorFile.Json("scmp.json");

    [VectorFact]
    public void Every_message_decodes_and_encodes_back()
    {
        foreach (var c in Vectors.GetProperty("full").EnumerateArray())
        {
            var bytes = Convert.FromHexString(c.GetProperty("hex").GetString()!);
            ScmpMessage.TryRead(bytes, out var message, out var data, out _).Should().BeTrue();
            CheckFields(message, c);
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
        foreach (var c in Vectors.GetProperty("body_errors").EnumerateArray())
        {
            var bytes = new byte[4 + c.GetProperty("len").GetInt32()];
            bytes[0] = c.GetProperty("type").GetByte();
            ScmpMessage.TryRead(bytes, out _, out _, out var error).Should().BeFalse();
            error.Kind.Should().Be(ScionParseErrorKind.Truncated);
        }
        var tooShort = Convert.FromHexString(Vectors.GetProperty("header").GetProperty("too_short").GetString()!);
        ScmpMessage.TryRead(tooShort, out _, out _, out _).Should().BeFalse();
    }

    [VectorFact]
    public void Names_table_holds()
    {
        foreach (var c in Vectors.GetProperty("names").EnumerateArray())
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
