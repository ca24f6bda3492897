using System.Text.Json;

namespace MqttScion.Cli.Tests;

public class InspectTests
{
    private static readonly string[] PathKeys = ["curr_inf", "curr_hf", "seg_len", "infos", "hops"];

    // SCION/UDP from 2-ff00:0:222 to 1-ff00:0:111 over a path of two segments, made by hand from the specification.
    private const string Common = "0b80dead 11 1d 000c 01 30 0000 0001ff0000000111 0002ff0000000222";
    private const string Hosts = "20010db8000000000000000000000068 0a000064";
    private const string StandardPath =
        "00002080 00000111 00000100 01000222 00000100 003f00010000010203040506 003f00030002010203040506 "
        + "003f00000002010203040506 003f00010000010203040506";

    private const string UdpPacket = Common + Hosts + StandardPath + "0500 0050 000c 0000 aabbccdd";

    [Fact]
    public async Task Udp_packet_is_decoded_field_by_field()
    {
        var json = await InspectAsync(UdpPacket);
        json.GetProperty("traffic_class").GetInt32().Should().Be(184);
        json.GetProperty("flow_id").GetInt32().Should().Be(57005);
        json.GetProperty("next_hdr").GetInt32().Should().Be(17);
        json.GetProperty("hdr_len").GetInt32().Should().Be(29);
        json.GetProperty("payload_len").GetInt32().Should().Be(12);
        json.GetProperty("path_type").GetInt32().Should().Be(1);
        json.GetProperty("dst_type").GetInt32().Should().Be(3);
        json.GetProperty("src_type").GetInt32().Should().Be(0);
        json.GetProperty("dst_ia").GetString().Should().Be("1-ff00:0:111");
        json.GetProperty("src_ia").GetString().Should().Be("2-ff00:0:222");
        json.GetProperty("dst_host").GetString().Should().Be("2001:db8::68");
        json.GetProperty("src_host").GetString().Should().Be("10.0.0.100");

        var path = json.GetProperty("path");
        path.EnumerateObject().Select(each => each.Name).Should().Equal(PathKeys);
        path.GetProperty("seg_len").EnumerateArray().Select(each => each.GetInt32()).Should().Equal(2, 2, 0);
        path.GetProperty("infos")[1].GetProperty("consdir").GetBoolean().Should().BeTrue();
        path.GetProperty("infos")[1].GetProperty("segid").GetInt32().Should().Be(0x222);
        path.GetProperty("infos")[1].GetProperty("ts").GetInt32().Should().Be(256);
        path.GetProperty("hops")[1].GetRawText().Should().ContainAll(
            "\"exp\": 63", "\"in\": 3", "\"eg\": 2", "\"mac\": \"010203040506\"");

        json.GetProperty("udp").GetProperty("dst").GetInt32().Should().Be(80);
        json.GetProperty("udp").GetProperty("checksum_valid").ValueKind.Should().Be(JsonValueKind.Null);
        json.GetProperty("payload").GetProperty("len").GetInt32().Should().Be(4);
        json.GetProperty("payload").GetProperty("hex").GetString().Should().Be("aabbccdd");
    }

    [Fact]
    public async Task Authenticator_option_is_decoded()
    {
        var json = await InspectAsync(
            "00000001 c9 09 0020 00 00 0000 0001ff0000000111 0001ff0000000111 0a000001 0a000002"
            + "1107 021c 00010001 01 00 060504030201 3136627974655f6d61635f666f6f6f6f",
            expectedExitCode: ExitCode.Malformed);
        json.ValueKind.Should().Be(JsonValueKind.Undefined);

        json = await InspectAsync(
            "00000001 c9 09 0028 00 00 0000 0001ff0000000111 0001ff0000000111 0a000001 0a000002"
            + "1107 021c 00010001 01 00 060504030201 3136627974655f6d61635f666f6f6f6f 0001 0002 0008 0000");
        var option = json.GetProperty("e2e").GetProperty("tlvs")[0];
        option.GetProperty("spi").GetInt32().Should().Be(65537);
        option.GetProperty("drkey").GetProperty("protocol").GetInt32().Should().Be(1);
        option.GetProperty("drkey").GetProperty("host_to_host").GetBoolean().Should().BeFalse();
        option.GetProperty("drkey").GetProperty("receiver_side").GetBoolean().Should().BeTrue();
        option.GetProperty("mac_input").GetString()
            .Should().Be("09110008" + "0100060504030201" + "00000001" + "00000000" + "0a000001");
        option.GetProperty("algorithm").GetInt32().Should().Be(1);
        option.GetProperty("timestamp_sn").GetString().Should().Be("060504030201");
        option.GetProperty("auth").GetString().Should().Be("3136627974655f6d61635f666f6f6f6f");
    }

    [Fact]
    public async Task Scmp_error_is_decoded_with_the_packet_that_it_quotes()
    {
        const string Addresses = "0001ff0000000111 0001ff0000000111 0a000001 0a000002";
        var json = await InspectAsync(
            "00000001 ca 09 0040 00 00 0000" + Addresses + "0500 0000 0001ff0000000110 0000000000000007"
            + "00000001 11 09 0008 00 00 0000" + Addresses + "1111 2222 0008 0000");
        json.GetProperty("scmp").GetProperty("name").GetString().Should().Be("ExternalInterfaceDown");
        json.GetProperty("scmp").GetProperty("ifid").GetInt32().Should().Be(7);
        json.GetProperty("scmp").GetProperty("checksum_valid").GetBoolean().Should().BeFalse();
        json.GetProperty("quote").GetProperty("len").GetInt32().Should().Be(44);
        json.GetProperty("quoted_packet").GetProperty("src").GetString().Should().Be("[1-ff00:0:111,10.0.0.2]:4369");
    }

    [Fact]
    public async Task One_hop_and_epic_paths_are_decoded()
    {
        var oneHop = await InspectAsync(
            "00000001 cb 11 0000 02 00 0000 0001ff0000000111 0001ff0000000111 0a000001 0a000002"
            + "01000222 00000100 003f00000002010203040506 000000000000000000000000");
        oneHop.GetProperty("path").GetProperty("hops").GetArrayLength().Should().Be(2);
        oneHop.GetProperty("bfd").GetProperty("len").GetInt32().Should().Be(0);

        var epic = await InspectAsync(
            "00000001 fd 18 0002 03 00 0000 0001ff0000000111 0001ff0000000111 0a000001 0a000002"
            + "00000007 00000008 01020304 05060708 00002000 01000222 00000100"
            + "003f00000002010203040506 003f00010000010203040506 beef",
            expectedExitCode: ExitCode.Malformed);
        epic.ValueKind.Should().Be(JsonValueKind.Undefined);

        epic = await InspectAsync(
            "00000001 fd 16 0002 03 00 0000 0001ff0000000111 0001ff0000000111 0a000001 0a000002"
            + "00000007 00000008 01020304 05060708 00002000 01000222 00000100"
            + "003f00000002010203040506 003f00010000010203040506 beef");
        epic.GetProperty("path").GetProperty("counter").GetInt32().Should().Be(8);
        epic.GetProperty("path").GetProperty("lhvf").GetString().Should().Be("05060708");
        epic.GetProperty("other").GetProperty("hex").GetString().Should().Be("beef");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Packet_cut_off_anywhere_is_malformed_and_told_in_one_line(bool isHex)
    {
        var packet = Bytes(UdpPacket);
        for (var length = 0; length < packet.Length; length++)
        {
            var cut = packet[..length];
            await using var run = CommandRun.Cli(isHex ? Hex(cut) : cut, ["inspect", "-"]);
            (await run.EndAsync()).Should().Be(ExitCode.Malformed, "{0} bytes are too few", length);
            run.Error.Lines.Should().ContainSingle().Which.Should().StartWith("mqtt-scion: standard input: at byte ");
            run.Output.Lines.Should().BeEmpty();
        }
    }

    [Theory]
    [InlineData("0x0b 0xg0", "at character 7: 'g' is not a hex digit")]
    [InlineData("0b8", "odd number of digits, 3")]
    [InlineData("hello", "at character 0")]
    public async Task Text_that_is_not_hex_is_malformed(string text, string expected)
    {
        await using var run = CommandRun.Cli(System.Text.Encoding.ASCII.GetBytes(text), ["inspect", "-"]);
        (await run.EndAsync()).Should().Be(ExitCode.Malformed);
        run.Error.Lines.Should().ContainSingle().Which.Should().Contain(expected);
    }

    [Theory]
    [InlineData(65536)]
    [InlineData(10_000_000)]
    public async Task Input_beyond_the_limit_is_malformed(int length)
    {
        await using var run = CommandRun.Cli(new byte[length], ["inspect", "-"]);
        (await run.EndAsync()).Should().Be(ExitCode.Malformed);
        run.Error.Lines.Should().ContainSingle().Which.Should().Contain("at most 65535 bytes");
    }

    [Theory]
    [InlineData("absent.bin")]
    [InlineData(".")]
    public async Task File_that_cannot_be_read_fails_with_one_line(string file)
    {
        await using var run = CommandRun.Cli("inspect", file);
        (await run.EndAsync()).Should().Be(ExitCode.Failure);
        run.Error.Lines.Should().ContainSingle();
    }

    [Fact]
    public async Task Udp_length_beyond_the_packet_is_told_with_its_offset()
    {
        await using var run = CommandRun.Cli(
            Hex(Bytes(Common + Hosts + StandardPath + "0500 0050 000d 0000 aabbccdd")), ["inspect", "-"]);
        (await run.EndAsync()).Should().Be(ExitCode.Malformed);
        run.Error.Lines.Should().ContainSingle().Which.Should().Contain("at byte 120: UDP length says 13");
    }

    private static async Task<JsonElement> InspectAsync(string hex, int expectedExitCode = ExitCode.Ok)
    {
        await using var run = CommandRun.Cli(Bytes(hex), ["inspect", "-"]);
        (await run.EndAsync()).Should().Be(expectedExitCode, run.Error.Text);
        return expectedExitCode == ExitCode.Ok ? JsonDocument.Parse(run.Output.Text).RootElement : default;
    }

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

    private static byte[] Hex(byte[] bytes) =>
        System.Text.Encoding.ASCII.GetBytes(string.Join("\n", bytes.Select(b => $"0x{b:x2}")));
}
