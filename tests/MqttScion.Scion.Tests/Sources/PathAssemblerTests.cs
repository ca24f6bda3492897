using System.Net;
using System.Text.Json;

namespace MqttScion.Scion.Tests;

public sealed class PathAssemblerTests
{
    private static readonly IPEndPoint Router = new(IPAddress.Loopback, 30001);

    [VectorFact]
    public void TryMake_takes_every_path_that_the_combinator_makes_of_the_golden_cases()
    {
        var count = 0;
        foreach (var path in VectorFile.Json("combinator/cases.json").GetProperty("cases").EnumerateArray()
            .SelectMany(PathsOf))
        {
            PathAssembler.TryMake(
                path.DataplanePath, path.Interfaces, (uint)path.Mtu, path.Expiry, Router, out var made, out var error)
                .Should().BeTrue($"{path}: {error}");
            made!.Should().Be(path);
            made!.Expiry.Should().Be(path.Expiry);
            count++;
        }
        count.Should().BeGreaterThan(26);
    }

    [VectorFact]
    public void TryMake_refuses_the_same_paths_when_one_interface_is_another()
    {
        foreach (var path in VectorFile.Json("combinator/cases.json").GetProperty("cases").EnumerateArray()
            .SelectMany(PathsOf))
        {
            for (var i = 0; i < path.Interfaces.Count; i++)
            {
                var interfaces = path.Interfaces.ToArray();
                interfaces[i] = interfaces[i] with { Id = (ushort)(interfaces[i].Id ^ 1) };
                PathAssembler.TryMake(
                    path.DataplanePath, interfaces, (uint)path.Mtu, path.Expiry, Router, out _, out var error)
                    .Should().BeFalse();
                error.Should().StartWith("the dataplane path crosses the interfaces");
            }
        }
    }

    private static IEnumerable<ScionPath> PathsOf(JsonElement testCase) => PathCombinator.Combine(
        IsdAs.Parse(testCase.GetProperty("src").GetString()!),
        IsdAs.Parse(testCase.GetProperty("dst").GetString()!),
        new TestGraph(testCase.GetProperty("graph_changes")).Segments(testCase));
}
