using System.Text;
using System.Text.Json;

namespace MqttScion.Testnet.Tests;

public class HopMacTests
{
    [VectorFact]
    public void Cmac_of_rfc4493_messages_matches()
    {
        var anchors = VectorFile.Json("mac.json").GetProperty("rfc4493");
        using var cmac = new AesCmac(Hex(anchors, "key"));
        foreach (var c in anchors.GetProperty("cases").EnumerateArray())
        {
            var mac = new byte[16];
            cmac.Compute(Hex(c, "msg"), mac);
            mac.Should().Equal(Hex(c, "mac"));
        }
    }

    [VectorFact]
    public void Hop_mac_of_every_vector_matches()
    {
        var vectors = VectorFile.Json("mac.json");
        foreach (var c in vectors.GetProperty("hop_macs").EnumerateArray())
            Mac(Hex(vectors, "key_hex"), c, "segid", c.GetProperty("timestamp").GetUInt32())
                .Should().Equal(Hex(c, "hop_mac_hex"), c.GetProperty("name").GetString());
    }

    [VectorFact]
    public void Segment_chain_of_the_vector_matches()
    {
        var chain = VectorFile.Json("mac.json").GetProperty("segment_chain");
        var timestamp = chain.GetProperty("timestamp").GetUInt32();
        foreach (var entry in chain.GetProperty("entries").EnumerateArray())
        {
            var mac = Mac(Hex(entry, "key_hex"), entry, "beta_in", timestamp);
            mac.Should().Equal(Hex(entry, "mac_hex"));
            var betaOut = entry.GetProperty("beta_in").GetInt32() ^ (mac[0] << 8 | mac[1]);
            betaOut.Should().Be(entry.GetProperty("beta_out").GetInt32());
        }
    }

    [Fact]
    public void Key_of_wrong_length_is_refused()
    {
        var act = () => new HopMac(Encoding.ASCII.GetBytes("short"));
        act.Should().Throw<ArgumentException>().WithMessage("*16 bytes, got 5*");
    }

    [Fact]
    public void Instance_and_static_form_agree()
    {
        var key = Enumerable.Range(0, 16).Select(i => (byte)i).ToArray();
        using var prepared = new HopMac(key);
        Span<byte> one = stackalloc byte[6];
        Span<byte> other = stackalloc byte[6];
        prepared.Compute(1, 2, 3, 4, 5, one);
        HopMac.Compute(key, 1, 2, 3, 4, 5, other);
        one.SequenceEqual(other).Should().BeTrue();
        one.SequenceEqual(new byte[6]).Should().BeFalse();
    }

    private static byte[] Mac(byte[] key, JsonElement hop, string betaName, uint timestamp)
    {
        var mac = new byte[HopMac.Length];
        HopMac.Compute(
            key,
            hop.GetProperty(betaName).GetUInt16(),
            timestamp,
            hop.TryGetProperty("exp_time", out var exp) ? exp.GetByte() : (byte)63,
            hop.GetProperty("cons_ingress").GetUInt16(),
            hop.GetProperty("cons_egress").GetUInt16(),
            mac);
        return mac;
    }

    private static byte[] Hex(JsonElement element, string name) =>
        Convert.FromHexString(element.GetProperty(name).GetString()!);
}
