using System.Net;
using System.Text;

namespace MqttScion.Scion.Tests;

public sealed class FixedPathSourceTests : IDisposable
{
    private const string Sample = """
        { "local": [ { "isd_as": "1-1", "mtu": 1472, "core": false, "dispatched_ports": "31000-32767",
            "routers": { "2": "127.0.0.1:30001" } }, { "isd_as": "1-9" } ],
          "paths": [
            { "interfaces": ["1-1#2", "1-2#3"], "mtu": 1400, "segments": [
                { "cons_dir": false, "peering": false, "seg_id": 7, "timestamp": 1700000000, "hops": [
                    { "ingress": 2, "egress": 0, "exp_time": 255, "mac": "010203040506" },
                    { "ingress": 0, "egress": 3, "exp_time": 63, "mac": "0a0b0c0d0e0f" } ] } ],
              "metadata": { "latency_us": [1500], "bandwidth_kbps": [7], "link_type": [1], "notes": ["a", "b"],
                "geo": [null, { "latitude": 47.5, "longitude": 8.5, "address": "here" }], "internal_hops": null } },
            { "interfaces": ["1-1#2", "1-2#3"], "mtu": 1300, "next_hop": "127.0.0.1:30009",
              "expiry": "2023-11-14T23:00:00Z",
              "dataplane": "00002000000000076553f10000ff0002000001020304050600ff000000030a0b0c0d0e0f" } ] }
        """;

    private readonly VirtualTime _time = new();
    private readonly string _file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    public void Dispose() => File.Delete(_file);

    [Fact]
    public async Task Load_reads_hop_fields_and_what_is_known_of_the_path()
    {
        var source = await LoadAsync(Sample);

        var path = (await source.GetPathsAsync(IsdAs.Parse("1-2"))).Should().ContainSingle().Subject;

        path.ToString().Should().Be("1-1 2>3 1-2");
        (path.Mtu, path.NextHop).Should().Be((1400, IPEndPoint.Parse("127.0.0.1:30001")));
        path.Expiry.Should().Be(_time.GetUtcNow().AddHours(6));
        Convert.ToHexStringLower(path.DataplanePath.Span).Should().Be(
            "00002000" + "000000076553f100" + "00ff00020000010203040506" + "003f000000030a0b0c0d0e0f");
        path.Metadata.Should().BeEquivalentTo(new PathMetadata
        {
            Latencies = [TimeSpan.FromMilliseconds(1.5)],
            BandwidthsKbps = [7],
            Locations = [null, new(47.5f, 8.5f, "here")],
            LinkTypes = [PathLinkType.Direct],
            Notes = ["a", "b"],
        });
        var local = await source.GetLocalAsync();
        local.Select(each => each.IsdAs.ToString()).Should().Equal("1-1", "1-9");
        (local[0].Mtu, local[0].IsCore, local[0].DispatchedPorts).Should().Be((1472, false, PortRange.Customary));
    }

    [Fact]
    public async Task Load_reads_a_dataplane_path_in_hexadecimal()
    {
        // Twelve bytes a hop field: flags, lifetime, two interfaces, MAC.
        var hex = "00002000" + "000000076553f100" + "00ff00020000010203040506" + "00ff000000030a0b0c0d0e0f";
        var text = Sample[..Sample.IndexOf("{ \"interfaces\"", StringComparison.Ordinal)] + $$"""
            { "interfaces": ["1-1#2", "1-2#3"], "mtu": 1300, "next_hop": "127.0.0.1:30009",
              "expiry": "2023-11-14T23:00:00Z", "dataplane": "{{hex}}" } ] }
            """;
        var path = (await (await LoadAsync(text)).GetPathsAsync(IsdAs.Parse("1-2"))).Should().ContainSingle().Subject;
        (path.NextHop, path.Expiry).Should().Be((
            IPEndPoint.Parse("127.0.0.1:30009"), new DateTimeOffset(2023, 11, 14, 23, 0, 0, TimeSpan.Zero)));
        Convert.ToHexStringLower(path.DataplanePath.Span).Should().Be(hex);
    }

    [Fact]
    public async Task GetPaths_knows_source_destination_and_time()
    {
        var source = await LoadAsync(Sample);
        (await source.GetPathsAsync(IsdAs.Parse("1-2"), IsdAs.Parse("1-9"))).Should().BeEmpty();
        (await source.GetPathsAsync(IsdAs.Parse("1-3"))).Should().BeEmpty();
        (await source.GetPathsAsync(IsdAs.Parse("1-1"))).Should().ContainSingle().Which.Mtu.Should().Be(1472);
        _time.Advance(TimeSpan.FromHours(6));
        (await source.GetPathsAsync(IsdAs.Parse("1-2"))).Should().BeEmpty();
    }

    [Fact]
    public async Task Save_writes_what_Load_reads()
    {
        var source = await LoadAsync(Sample);
        var (local, paths) = (await source.GetLocalAsync(), await source.GetPathsAsync(IsdAs.Parse("1-2")));

        await FixedPathSource.SaveAsync(_file, local, [.. paths, .. await source.GetPathsAsync(IsdAs.Parse("1-1"))]);

        var again = await FixedPathSource.LoadAsync(_file, _time);
        (await again.GetLocalAsync()).Should().BeEquivalentTo(local);
        (await again.GetPathsAsync(IsdAs.Parse("1-2"))).Should().BeEquivalentTo(paths);
    }

    [Theory]
    [InlineData("\"1-1#2\"", "\"1-1\"", "$.paths[0].interfaces[0] is \"1-1\"; expected an interface")]
    [InlineData("\"1-2#3\"]", "\"1-2#4\"]", "crosses the interfaces 2 3; announced are 2 4")]
    [InlineData("\"010203040506\"", "\"0102\"", "$.paths[0].segments[0].hops[0].mac is \"0102\"; expected 6 bytes")]
    [InlineData("\"010203040506\"", "\"01020304050g\"", "hops[0].mac is \"01020304050g\"; expected bytes in hexa")]
    [InlineData("\"exp_time\": 63", "\"exp_time\": 256", "hops[1].exp_time is 256; expected a whole number from 0")]
    [InlineData("\"cons_dir\": false", "\"cons_dir\": 0", "$.paths[0].segments[0].cons_dir is 0; expected true or")]
    [InlineData("[1500]", "[1, 2]", "$.paths[0].metadata.latency_us is [1, 2]; expected no items or 1")]
    [InlineData("47.5", "97.5", "$.paths[0].metadata.geo[1].latitude is 97.5; expected a number from -90 to 90")]
    [InlineData("2023-11-14T23:00:00Z", "soon", "$.paths[1].expiry is \"soon\"; expected a time")]
    [InlineData("\"routers\": { \"2\"", "\"routers\": { \"3\"", "$.paths[0].next_hop is missing")]
    [InlineData("\"mtu\": 1400, ", "", "$.paths[0].mtu is missing")]
    [InlineData("\"dataplane\"", "\"data\"", "$.paths[1].segments is missing")]
    public async Task Load_names_the_place_of_a_fault(string part, string faulty, string fault)
    {
        Sample.Should().Contain(part);
        var call = () => LoadAsync(Sample.Replace(part, faulty, StringComparison.Ordinal));
        (await call.Should().ThrowAsync<PathLookupException>())
            .Which.Message.Should().StartWith($"The path file {_file} can't be used: ").And.Contain(fault);
    }

    [Fact]
    public async Task Load_without_local_AS_is_refused()
    {
        var call = () => LoadAsync("""{ "local": [], "paths": [] }""");
        (await call.Should().ThrowAsync<PathLookupException>()).WithMessage("*$.local is []; expected one AS or more.");
    }

    [Fact]
    public async Task Load_of_a_missing_file_names_it()
    {
        var call = () => FixedPathSource.LoadAsync(_file);
        (await call.Should().ThrowAsync<PathLookupException>()).WithMessage($"The path file {_file} can't be read*");
    }

    [Fact]
    public void Load_of_text_cut_at_every_length_fails_by_name()
    {
        for (var length = 0; length < Sample.Length; length += 7)
        {
            var call = () => FixedPathFile.Read(Encoding.UTF8.GetBytes(Sample[..length]));
            call.Should().Throw<FormatException>();
        }
    }

    private async Task<FixedPathSource> LoadAsync(string json)
    {
        await File.WriteAllTextAsync(_file, json);
        return await FixedPathSource.LoadAsync(_file, _time);
    }
}
