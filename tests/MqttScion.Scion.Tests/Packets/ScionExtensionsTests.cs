namespace MqttScion.Scion.Tests;

public class ScionExtensionsTests
{
    [VectorFact]
    public void Extension_vectors_are_skipped_up_to_the_upper_layer()
    {
        var vectors = VectorFile.Json("extn.json");
        foreach (var name in new[] { "hbh_xy", "e2e_yx" })
        {
            var extension = Convert.FromHexString(vectors.GetProperty(name).GetString()!);
            var next = name[0] == 'h' ? (byte)L4Protocol.HopByHop : (byte)L4Protocol.EndToEnd;
            var payload = extension.Concat(new byte[] { 1, 2, 3 }).ToArray();
            ScionExtensions.TryRead(next, payload, out var extensions, out var error).Should().BeTrue(error.Message);
            extensions.Protocol.Should().Be((byte)L4Protocol.Udp);
            (extensions.HopByHopLength + extensions.EndToEndLength).Should().Be(extension.Length);
        }
        var spao = Convert.FromHexString(
            vectors.GetProperty("spao_option").GetProperty("e2e_hex").GetString()!);
        ScionExtensions.TryRead((byte)L4Protocol.EndToEnd, spao, out var authenticated, out _).Should().BeTrue();
        authenticated.EndToEndLength.Should().Be(32);
    }

    [Theory]
    [InlineData(200, "c8000100110001 00", ScionParseErrorKind.ExtensionOrder)] // hop-by-hop twice
    [InlineData(201, "c9000100110001 00", ScionParseErrorKind.ExtensionOrder)] // end-to-end twice
    [InlineData(201, "c8000100110001 00", ScionParseErrorKind.ExtensionOrder)] // hop-by-hop after end-to-end
    [InlineData(200, "11", ScionParseErrorKind.Truncated)]
    [InlineData(200, "11010100", ScionParseErrorKind.Truncated)]
    [InlineData(200, "11000101", ScionParseErrorKind.ExtensionOption)] // PadN of 1 byte in a room of none
    [InlineData(200, "11000001", ScionParseErrorKind.ExtensionOption)] // an option without its length
    public void Broken_extensions_are_refused(byte next, string hex, ScionParseErrorKind kind)
    {
        var payload = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        ScionExtensions.TryRead(next, payload, out _, out var error).Should().BeFalse();
        error.Kind.Should().Be(kind);
    }

    [Theory]
    [InlineData(200, "c8000100 11000100", 0)] // hop-by-hop says that hop-by-hop follows
    [InlineData(200, "c9000100 c8000100 11000100", 4)] // end-to-end says it
    public void Error_of_the_order_points_at_the_header_that_names_the_next(byte next, string hex, int offset)
    {
        var payload = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        ScionExtensions.TryRead(next, payload, out _, out var error).Should().BeFalse();
        error.Should().Be(new ScionParseError(ScionParseErrorKind.ExtensionOrder, offset, 0, 200));
    }

    [Fact]
    public void Packet_without_extensions_keeps_its_protocol()
    {
        ScionExtensions.TryRead((byte)L4Protocol.Bfd, [], out var extensions, out _).Should().BeTrue();
        extensions.Should().Be(new ScionExtensions((byte)L4Protocol.Bfd, 0, 0));
    }
}
