using System.Text.Json;

namespace MqttScion.Scion.Tests;

public class PathVectorTests
{
    private static JsonElement Vectors => VectorFile.Json("path.json");

    [VectorFact]
    public void Raw_path_decodes_and_encodes_back()
    {
        var raw = Convert.FromHexString(Vectors.GetProperty("raw_path_hex").GetString()!);
        var expected = Vectors.GetProperty("decoded");
        PathHeader.TryRead(raw, out var header, out _).Should().BeTrue();
        header.CurrentInfoField.Should().Be(expected.GetProperty("curr_inf").GetInt32());
        header.CurrentHopField.Should().Be(expected.GetProperty("curr_hf").GetInt32());
        var lengths = Ints(expected.GetProperty("seg_len"));
        Enumerable.Range(0, 3).Select(header.SegmentLength).Should().Equal(lengths);

        var infoFields = expected.Rows("infos", 2).Select(ReadInfo).ToArray();
        var hopFields = expected.Rows("hops", 4).Select(ReadHop).ToArray();
        for (var i = 0; i < infoFields.Length; i++)
            PathHeader.ReadInfoField(raw, i).Should().Be(infoFields[i]);
        for (var i = 0; i < hopFields.Length; i++)
            header.ReadHopField(raw, i).Should().Be(hopFields[i]);
        PathHeader.Encode(lengths, infoFields, hopFields).Should().Equal(raw);
    }

    [VectorFact]
    public void Info_and_hop_field_bytes_match()
    {
        var info = ReadInfo(Vectors.GetProperty("info_field"));
        var bytes = new byte[InfoField.Length];
        info.Write(bytes);
        Convert.ToHexStringLower(bytes).Should().Be(Vectors.GetProperty("info_field").GetProperty("hex").GetString());
        InfoField.Read(bytes).Should().Be(info);

        var expected = Vectors.GetProperty("hop_field");
        var hop = ReadHop(expected) with { IngressAlert = true, EgressAlert = true };
        bytes = new byte[HopField.Length];
        hop.Write(bytes);
        Convert.ToHexStringLower(bytes).Should().Be(expected.GetProperty("hex").GetString());
        HopField.Read(bytes).Should().Be(hop);
    }

    [VectorFact]
    public void Reversal_table_holds_and_is_its_own_inverse()
    {
        foreach (var c in Vectors.Rows("reverse", 4))
        {
            var want = c.GetProperty("want_idx_inf_hf").EnumerateArray().ToArray();
            foreach (var (index, position) in c.GetProperty("in_idx_inf_hf").EnumerateArray().Index())
            {
                var path = BuildPath(c.GetProperty("in_consdir"), c.GetProperty("in_hops"), position[1].GetInt32());
                var wanted = BuildPath(
                    c.GetProperty("want_consdir"), c.GetProperty("want_hops"), want[index][1].GetInt32());
                PathHeader.TryRead(path, out var header, out _).Should().BeTrue();
                header.CurrentInfoField.Should().Be(position[0].GetInt32());

                var reversed = new byte[path.Length];
                PathReversal.TryReverse(path, reversed).Should().BeTrue();
                reversed.Should().Equal(wanted, c.GetProperty("name").GetString());
                var back = new byte[path.Length];
                PathReversal.TryReverse(reversed, back).Should().BeTrue();
                back.Should().Equal(path);
            }
        }
    }

    [VectorFact]
    public void Increment_and_crossover_tables_hold()
    {
        foreach (var c in Vectors.Rows("inc_path", 4))
        {
            var wanted = c.GetProperty("want").EnumerateArray();
            foreach (var (from, want) in c.GetProperty("in").EnumerateArray().Zip(wanted))
            {
                var header = HeaderOf(c).At(from[1].GetInt32());
                header.CurrentInfoField.Should().Be(from[0].GetInt32());
                header.TryIncrement(out var next).Should().Be(want.ValueKind != JsonValueKind.Null);
                if (want.ValueKind != JsonValueKind.Null)
                    Ints(want).Should().Equal(next.CurrentInfoField, next.CurrentHopField);
            }
        }
        foreach (var c in Vectors.Rows("is_xover", 4))
        {
            foreach (var (hop, xover) in c.GetProperty("xover").EnumerateArray().Index())
                HeaderOf(c).At(hop).IsCrossover.Should().Be(xover.GetBoolean());
        }
    }

    [VectorFact]
    public void Path_of_more_than_64_hops_is_refused()
    {
        var lengths = Ints(Vectors.GetProperty("too_many_hops").GetProperty("seg_len"));
        var act = () => PathHeader.Create(lengths[0], lengths[1], lengths[2]);
        act.Should().Throw<ArgumentException>().WithMessage("*at most 64 hop fields, got 65*");

        var meta = lengths[0] << 12 | lengths[1] << 6 | lengths[2];
        var path = new byte[4 + 3 * InfoField.Length + 65 * HopField.Length];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(path, meta);
        PathHeader.TryRead(path, out _, out var error).Should().BeFalse();
        error.Kind.Should().Be(ScionParseErrorKind.TooManyHops);
        PathHeader.Create(24, 24, 16).HopFieldCount.Should().Be(PathHeader.MaxHopFields);
    }

    [VectorFact]
    public void Longest_header_is_that_of_the_vectors_and_an_empty_path_has_no_reverse()
    {
        Vectors.GetProperty("header_length").GetProperty("max_header").GetInt32()
            .Should().Be(ScionPacketReader.MaxHeaderLength);
        Vectors.GetProperty("reverse_empty_is_error").GetBoolean().Should().BeTrue();
        PathReversal.TryReverse(PathType.Scion, new byte[PathHeader.MetaLength], new byte[4], out _, out _)
            .Should().BeFalse();
    }

    [Fact]
    public void Increment_into_the_same_value_goes_one_hop_further()
    {
        var header = PathHeader.Create(segment0: 2);
        header.TryIncrement(out header).Should().BeTrue();
        header.CurrentHopField.Should().Be(1);
        header.TryIncrement(out header).Should().BeFalse();
        header.CurrentHopField.Should().Be(1);
    }

    private static byte[] BuildPath(JsonElement consDir, JsonElement hops, int currentHop)
    {
        var infoFields = consDir.EnumerateArray().Select(d => new InfoField(false, d.GetInt32() == 1, 0, 0)).ToArray();
        var segments = hops.EnumerateArray().Select(s => s.EnumerateArray().ToArray()).ToArray();
        var hopFields = segments.SelectMany(s => s)
            .Select(h => new HopField(false, false, 0, h.GetUInt16(), h.GetUInt16(), Mac: 1)).ToArray();
        var path = PathHeader.Encode(segments.Select(s => s.Length).ToArray(), infoFields, hopFields);
        PathHeader.TryRead(path, out var header, out _).Should().BeTrue();
        header.At(currentHop).Write(path);
        return path;
    }

    private static PathHeader HeaderOf(JsonElement c)
    {
        var lengths = Ints(c.GetProperty("seg_len"));
        return PathHeader.Create(lengths[0], lengths[1], lengths[2]);
    }

    private static InfoField ReadInfo(JsonElement e) => new(
        e.GetProperty("peer").GetBoolean(),
        e.GetProperty("consdir").GetBoolean(),
        e.GetProperty("segid").GetUInt16(),
        e.GetProperty("ts").GetUInt32());

    private static HopField ReadHop(JsonElement e) => new(
        e.GetProperty("exp").GetByte(),
        e.GetProperty("in").GetUInt16(),
        e.GetProperty("eg").GetUInt16(),
        Convert.FromHexString(e.GetProperty("mac").GetString()!));

    private static int[] Ints(JsonElement array) => array.EnumerateArray().Select(e => e.GetInt32()).ToArray();
}
