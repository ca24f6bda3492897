using System.Globalization;
using System.Text;
using System.Text.Json;
using MqttScion.Testnet;

namespace MqttScion.Scion.Tests;

/// <summary>The vectors give what the MAC covers; the packets that this comes from are those of scionproto.</summary>
public class AuthenticatorVectorTests
{
    private static readonly HopField FirstHop = new(63, 0, 1, [1, 2, 3, 4, 5, 6]);

    private static readonly byte[] StandardPath = MakeStandardPath();

    [VectorFact]
    public void Mac_input_and_mac_are_those_of_the_vectors()
    {
        var vectors = VectorFile.Json("spao.json");
        var payload = Encoding.ASCII.GetBytes(vectors.GetProperty("payload_ascii").GetString()!);
        var sequence = ulong.Parse(vectors.GetProperty("timestamp_sn").GetString()!, NumberStyles.HexNumber, null);
        using var cmac = new AesCmac(vectors.Hex("key"));
        foreach (var c in vectors.Rows("cases", 4))
        {
            var name = c.GetProperty("name").GetString()!;
            var (type, path, source, destination) = PacketOf(name);
            var header = PacketBuilder.Header with
            {
                SourceHost = PacketBuilder.Host(source),
                DestinationHost = PacketBuilder.Host(destination),
                PathType = type,
                NextHeader = L4Protocol.EndToEnd,
                TrafficClass = vectors.GetProperty("traffic_class").GetByte(),
                FlowId = vectors.GetProperty("flow_id").GetUInt32(),
            };
            var packet = PacketBuilder.Build(header, path, [.. Extension(vectors, sequence), .. payload]);
            ScionPacketReader.TryRead(packet, out var reader, out var error).Should().BeTrue(error.Message);
            reader.TryGetAuthenticator(out var option).Should().BeTrue();

            var input = new byte[AuthenticatorOption.MaxMacInputLength];
            option.TryWriteMacInput(reader, input, out var length).Should().BeTrue();
            Convert.ToHexStringLower(input, 0, length)
                .Should().Be(c.GetProperty("mac_input_without_payload").GetString(), name);
            option.TryWriteMacInput(reader, input.AsSpan(0, length - 1), out _).Should().BeFalse();

            var mac = new byte[AesCmac.BlockLength];
            cmac.Compute([.. input.AsSpan(0, length), .. reader.UpperLayer], mac);
            mac.Should().Equal(c.Hex("mac_hex"), name);
        }
    }

    [Theory]
    [InlineData(0u, "0001ff0000000112 0001ff0000000111 0a01010c 0a01010b")] // not of DRKey: both addresses
    [InlineData(1u << 21, "0001ff0000000112 0001ff0000000111 0a01010c 0a01010b")]
    [InlineData(1u, "0a01010b")] // between AS and host, the sender's side: the source host
    [InlineData(1u << 16, "0a01010c")] // … the receiver's side: the destination host
    [InlineData(1u << 17, "")] // between two hosts: the key stands for both
    public void Mac_input_has_the_addresses_that_the_key_does_not_stand_for(uint spi, string expected)
    {
        var packet = PacketBuilder.WithPayload(L4Protocol.None, []);
        ScionPacketReader.TryRead(packet, out var reader, out _).Should().BeTrue();
        var option = new AuthenticatorOption(new AuthenticatorSpi(spi), AuthenticatorOption.AesCmac, 1, default);
        var input = new byte[AuthenticatorOption.MaxMacInputLength];
        option.TryWriteMacInput(reader, input, out var length).Should().BeTrue();
        Convert.ToHexStringLower(input, 20, length - 20)
            .Should().Be(expected.Replace(" ", "", StringComparison.Ordinal));
    }

    [Fact]
    public void Spi_tells_where_its_key_comes_from()
    {
        var spi = new AuthenticatorSpi(1 << 17 | 1 << 16 | 7);
        spi.IsDrkey.Should().BeTrue();
        spi.IsHostToHost.Should().BeTrue();
        spi.IsReceiverSide.Should().BeTrue();
        spi.DrkeyProtocol.Should().Be(7);
        new AuthenticatorSpi(0).IsDrkey.Should().BeFalse();
        new AuthenticatorSpi((1 << 21) - 1).IsDrkey.Should().BeTrue();
        new AuthenticatorSpi(1 << 21).IsDrkey.Should().BeFalse();
    }

    private static byte[] Extension(JsonElement vectors, ulong sequence)
    {
        var bytes = new byte[32];
        var writer = new ExtensionWriter(bytes);
        new AuthenticatorOption(new AuthenticatorSpi(1), AuthenticatorOption.AesCmac, sequence, new byte[16])
            .TryWrite(ref writer).Should().BeTrue();
        writer.TryFinish((L4Protocol)vectors.GetProperty("upper_layer").GetByte(), out var length).Should().BeTrue();
        length.Should().Be(bytes.Length);
        return bytes;
    }

    private static (PathType Type, byte[] Path, string Source, string Destination) PacketOf(string name)
    {
        switch (name)
        {
            case "empty":
                return (PathType.Empty, [], "10.1.1.11", "10.1.1.12");
            case "decoded":
                return (PathType.Scion, StandardPath, "2001:cafe::1", "CS");
            case "one hop":
                var second = new HopField(63, 2, 3, [1, 2, 3, 4, 5, 6]) with { IngressAlert = true };
                var oneHop = new byte[OneHopPath.Length];
                new OneHopPath(
                    new InfoField(false, false, 0xf001, 0x030201), FirstHop with { EgressAlert = true }, second)
                    .Write(oneHop);
                return (PathType.OneHop, oneHop, "192.0.0.2", "192.0.0.1");
            case "epic":
                var epic = new byte[EpicFields.Length + StandardPath.Length];
                new EpicFields(1, 0x02000003, 0x01020304, 0x05060708).Write(epic);
                StandardPath.CopyTo(epic, EpicFields.Length);
                return (PathType.Epic, epic, "192.0.0.2", "192.0.0.1");
            default:
                throw new InvalidDataException($"No packet for the case '{name}'.");
        }
    }

    private static byte[] MakeStandardPath()
    {
        var infoFields = Enumerable.Range(0xf001, 3)
            .Select(segId => new InfoField(false, segId == 0xf003, (ushort)segId, 0x030201));
        var path = PathHeader.Encode(
            [1, 1, 1],
            [.. infoFields],
            [
                FirstHop with { EgressAlert = true },
                FirstHop with { IngressAlert = true, EgressAlert = true, ConsIngress = 2, ConsEgress = 3 },
                FirstHop with { IngressAlert = true, ConsIngress = 4, ConsEgress = 0 },
            ]);
        path[0] = 0xfb; // Pointers far outside the path: they are no part of the MAC.
        return path;
    }
}
