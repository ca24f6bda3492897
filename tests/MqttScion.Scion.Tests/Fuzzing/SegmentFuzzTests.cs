using System.Diagnostics;
using Google.Protobuf;
using Xunit.Abstractions;

namespace MqttScion.Scion.Tests;

/// <summary>Bad answers of a path server: no exception but that of the parser, and no endless combination.</summary>
public class SegmentFuzzTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20); // Of a combination, on a loaded machine.

    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_060);

    private long _decoded;
    private long _paths;

    [VectorFact]
    public void Mutated_segments_are_decoded_or_refused_and_combined_in_bounded_time()
    {
        var answers = VectorFile.Json("combinator/cases.json").Rows("cases", 26).Select(c => (
            Source: IsdAs.Parse(c.GetProperty("src").GetString()!),
            Destination: IsdAs.Parse(c.GetProperty("dst").GetString()!),
            Bytes: SegmentEncoding.Encode(new TestGraph().Segments(c)).ToByteArray())).ToArray();
        foreach (var (source, destination, bytes) in answers)
            Try(source, destination, bytes);
        _paths.Should().BeGreaterThan(0);
        FuzzBudget.Run(
            "segments",
            output.WriteLine,
            seed =>
            {
                var (source, destination, bytes) = answers[seed % answers.Length];
                Try(source, destination, SegmentMutation.Make(seed, bytes));
            },
            seed => SegmentMutation.Make(seed, answers[seed % answers.Length].Bytes));
        output.WriteLine($"segments decoded: {_decoded}, paths combined: {_paths}");
    }

    private void Try(IsdAs source, IsdAs destination, byte[] bytes)
    {
        var startedAt = Stopwatch.GetTimestamp();
        if (!TryParse(bytes, out var response))
            return;
        var segments = new SegmentSet(
            Decode(response.UpSegments), Decode(response.CoreSegments), Decode(response.DownSegments));
        foreach (var path in PathCombinator.Combine(source, destination, segments))
            Check(path, source, destination);
        Stopwatch.GetElapsedTime(startedAt).Should().BeLessThan(Bound);
    }

    // The one place where an exception is right: what was received is no message at all.
    private static bool TryParse(byte[] bytes, out Protobuf.ListSegmentsResponse response)
    {
        response = new Protobuf.ListSegmentsResponse();
        try
        {
            response.MergeFrom(bytes);
            return true;
        }
        catch (InvalidProtocolBufferException)
        {
            return false;
        }
    }

    private List<PathSegment> Decode(IEnumerable<Protobuf.PathSegment> messages)
    {
        var segments = new List<PathSegment>();
        foreach (var message in messages)
        {
            if (SegmentDecoder.TryDecode(message, Now, out var segment, out var error))
                segments.Add(segment);
            PacketProbe.Require((error is null) == (segment is not null), "a refusal does not say why");
        }
        _decoded += segments.Count;
        return segments;
    }

    private void Check(ScionPath path, IsdAs source, IsdAs destination)
    {
        _paths++;
        var isPath = PathHeader.TryRead(path.DataplanePath.Span, out var header, out _);
        PacketProbe.Require(isPath && header.IsConsistent, "a combined path cannot be read");
        PacketProbe.Require(path.Source == source && path.Destination == destination, "a path ends elsewhere");
        PacketProbe.Require(path.Mtu is > 0 and <= ushort.MaxValue, "an MTU is out of range");
        PacketProbe.Require(path.Interfaces.Count % 2 == 0, "a path has an odd interface");
    }
}
