using System.Reflection;

namespace MqttScion.Scion.Tests;

public class ScmpCodeTests
{
    [Fact]
    public void Every_code_has_a_constant_and_a_name()
    {
        var codes = typeof(ScmpCode).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => (byte)field.GetRawConstantValue()!).ToArray();
        byte[] unreachable = [0, 1, 2, 3, 4, 5, 6];
        byte[] problems = [0, 1, 16, 17, 18, 19, 20, 21, 32, 33, 34, 35, 48, 49, 50, 51, 52, 53, 64, 65, 66];
        codes.Should().Equal([.. unreachable, .. problems]);
        for (var code = 0; code < 256; code++)
        {
            HasName(ScmpType.DestinationUnreachable, code).Should().Be(unreachable.Contains((byte)code));
            HasName(ScmpType.ParameterProblem, code).Should().Be(problems.Contains((byte)code));
        }

        static bool HasName(ScmpType type, int code) =>
            !ScmpCode.Describe(type, (byte)code).Contains("Code: ", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0100000000000000", true)]
    [InlineData("06", true)] // cut off: its type is known
    [InlineData("64000000", true)] // of a type that we do not know
    [InlineData("7f000000", true)]
    [InlineData("8000000000010002", false)]
    [InlineData("ff000000", false)]
    [InlineData("", false)]
    public void Scmp_error_says_that_it_is_one(string upperLayer, bool isError)
    {
        var bytes = Convert.FromHexString(upperLayer);
        foreach (var (next, payload) in new[]
        {
            (L4Protocol.Scmp, bytes),
            (L4Protocol.EndToEnd, [202, 0, 0, 0, .. bytes]),
        })
        {
            var packet = PacketBuilder.WithPayload(next, payload);
            ScionPacketReader.TryRead(packet, out var reader, out _).Should().BeTrue();
            reader.IsScmpError.Should().Be(isError);
        }
        var datagram = PacketBuilder.WithPayload(L4Protocol.Udp, bytes);
        ScionPacketReader.TryRead(datagram, out var udp, out _).Should().BeTrue();
        udp.IsScmpError.Should().BeFalse();
    }

    [Fact]
    public void Quote_is_cut_at_its_end_so_that_the_packet_has_1232_bytes()
    {
        var quote = Enumerable.Range(0, 2000).Select(i => (byte)i).ToArray();
        var packet = new byte[4000];
        foreach (var type in new[] { 1, 2, 4, 5, 6 })
        {
            var message = new ScmpMessage((ScmpType)type, 0);
            ScionPacketWriter.TryWriteScmp(packet, PacketBuilder.Header, [], message, quote, out var length)
                .Should().BeTrue();
            length.Should().Be(ScmpMessage.MaxErrorPacketLength).And.Be(1232);
            var kept = packet[(36 + message.Length)..length];
            kept.Should().Equal(quote[..kept.Length]);
        }
        var reply = new ScmpMessage(ScmpType.EchoReply, 0);
        ScionPacketWriter.TryWriteScmp(packet, PacketBuilder.Header, [], reply, quote, out var echo).Should().BeTrue();
        echo.Should().Be(36 + 8 + 2000);
    }
}
