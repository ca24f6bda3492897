using System.Text.Json;

namespace MqttScion.Cli.Tests;

public class InspectVectorTests
{
    // Prose in the vectors' file, not fields.
    private static readonly string[] Prose = ["note", "path", "payload", "quote", "body"];

    [VectorFact]
    public async Task Every_packet_of_the_vectors_is_decoded_as_they_say()
    {
        foreach (var file in VectorFile.Json("packets.json").GetProperty("files").EnumerateObject())
        {
            await using var run = CommandRun.Cli("inspect", VectorFile.FullPath(Path.Combine("packets", file.Name)));
            (await run.EndAsync()).Should().Be(ExitCode.Ok, run.Error.Text);
            var actual = JsonDocument.Parse(run.Output.Text).RootElement;
            foreach (var expected in file.Value.EnumerateObject().Where(each => !Prose.Contains(each.Name)))
                Compare(file.Name, expected, actual);
            if (file.Value.TryGetProperty("quote", out _))
            {
                actual.GetProperty("quote").GetProperty("len").GetInt32().Should().Be(18);
                actual.GetProperty("quote").GetProperty("hex").GetString().Should().Be(new string('f', 36));
            }
            if (file.Value.TryGetProperty("body", out _))
                actual.GetProperty("scmp").GetProperty("body_len").GetInt32().Should().Be(4);
            if (actual.TryGetProperty("udp", out var udp))
            {
                udp.GetProperty("checksum_valid").GetBoolean().Should().BeTrue(file.Name);
                actual.GetProperty("payload").GetProperty("len").GetInt32().Should().Be(1024);
                actual.GetProperty("payload").GetProperty("hex").GetString()
                    .Should().StartWith("00010203").And.EndWith("...");
            }
        }
    }

    [VectorFact]
    public async Task Path_of_the_vectors_is_decoded_as_they_say()
    {
        var expected = VectorFile.Json("path.json").GetProperty("decoded");
        await using var run = CommandRun.Cli("inspect", VectorFile.FullPath("packets/scion-udp.bin"));
        (await run.EndAsync()).Should().Be(ExitCode.Ok, run.Error.Text);
        var actual = JsonDocument.Parse(run.Output.Text).RootElement.GetProperty("path");
        foreach (var name in new[] { "curr_inf", "curr_hf" })
            actual.GetProperty(name).GetInt32().Should().Be(expected.GetProperty(name).GetInt32());
        foreach (var name in new[] { "infos", "hops", "seg_len" })
        {
            actual.GetProperty(name).GetArrayLength().Should().Be(expected.GetProperty(name).GetArrayLength());
            var pairs = expected.GetProperty(name).EnumerateArray().Zip(actual.GetProperty(name).EnumerateArray());
            foreach (var (want, have) in pairs)
                CompareField(name, want, have);
        }
    }

    private static void CompareField(string name, JsonElement expected, JsonElement actual)
    {
        if (expected.ValueKind != JsonValueKind.Object)
        {
            actual.GetRawText().Should().Be(expected.GetRawText());
            return;
        }
        foreach (var field in expected.EnumerateObject())
        {
            actual.GetProperty(field.Name).GetRawText()
                .Should().Be(field.Value.GetRawText(), "{0}.{1}", name, field.Name);
        }
    }

    private static void Compare(string file, JsonProperty expected, JsonElement actual)
    {
        // The vectors keep the fields of SCMP beside those of the header.
        var isOfScmp = actual.TryGetProperty("scmp", out var scmp) && scmp.TryGetProperty(expected.Name, out _);
        var value = (isOfScmp ? scmp : actual).GetProperty(expected.Name);
        switch (expected.Value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var field in expected.Value.EnumerateObject())
                    Compare(file, field, value);
                break;
            case JsonValueKind.Number:
                value.GetInt64().Should().Be(expected.Value.GetInt64(), "{0}: {1}", file, expected.Name);
                break;
            default:
                // A remark may follow the value: "0000 (not computed)".
                var text = expected.Value.GetString()!.Split(' ')[0];
                value.GetString().Should().Be(text, "{0}: {1}", file, expected.Name);
                break;
        }
    }
}
