using System.Net;

namespace MqttScion.Testnet.Tests;

/// <summary>The request and the addresses are those of RFC 5769 §2.</summary>
public class StunResponderTests
{
    internal static readonly byte[] Request = Convert.FromHexString(
        "000100582112A442B7E7A701BC34D686FA87DFAE802200105354554E207465737420636C69656E74"
        + "002400046E0001FF80290008932FF9B151263B36000600096576746A3A68367659202020"
        + "000800149AEAA70CBFD8CB56781EF2B5B2D3F249C1B571A280280004E57A3BCF");

    [Theory]
    [InlineData("192.0.2.1", "010100" + "0C2112A442B7E7A701BC34D686FA87DFAE" + "002000080001A147E112A643")]
    [InlineData(
        "2001:db8:1234:5678:11:2233:4455:6677",
        "010100" + "182112A442B7E7A701BC34D686FA87DFAE" + "002000140002A1470113A9FAA5D3F179BC25F4B5BED2B9D9")]
    public void Binding_request_is_answered_with_the_masked_address(string address, string expected)
    {
        var answer = new byte[StunResponder.MaxAnswerLength];
        StunResponder.TryAnswer(Request, new IPEndPoint(IPAddress.Parse(address), 32853), answer, out var length)
            .Should().BeTrue();
        Convert.ToHexString(answer.AsSpan(0, length)).Should().Be(expected);
    }

    [Fact]
    public void Request_with_any_bit_flipped_or_cut_short_is_not_answered()
    {
        var answer = new byte[StunResponder.MaxAnswerLength];
        var sender = new IPEndPoint(IPAddress.Loopback, 1);
        for (var bit = 0; bit < Request.Length * 8; bit++)
        {
            var request = Request.ToArray();
            request[bit / 8] ^= (byte)(1 << bit % 8);
            StunResponder.TryAnswer(request, sender, answer, out _).Should().BeFalse($"bit {bit} is flipped");
        }
        for (var length = 0; length < Request.Length; length++)
            StunResponder.TryAnswer(Request.AsSpan(0, length), sender, answer, out _).Should().BeFalse();
    }
}
