using System.Net;
using System.Text;

namespace MqttScion.Scion.Tests;

public sealed class ScionTopologyTests
{
    private const string Sample = """
        {
          "attributes": ["core", "voting"], "timestamp": 1,
          "isd_as": "1-ff00:0:110", "mtu": 1400, "dispatched_ports": "31000-32767",
          "control_service": { "cs1": { "addr": "127.0.0.19:30254" }, "cs2": { "addr": "[::1]:30254" },
            "cs3": { "addr": "cs.example:80" } },
          "discovery_service": { "ds1": { "addr": "127.0.0.19:30254" } },
          "border_routers": {
            "br1": { "internal_addr": "127.0.0.17:31008", "interfaces": {
              "1": { "underlay": { "local": "127.0.0.4:50000", "remote": "127.0.0.5:50000" },
                     "isd_as": "1-ff00:0:111", "link_to": "child", "mtu": 1280 },
              "2": {} } },
            "br2": { "internal_addr": "[fd00::17]:31010", "interfaces": { "3": {} } },
            "br3": { "internal_addr": "127.0.0.18:31008" } }
        }
        """;

    [Fact]
    public void Parse_reads_what_a_host_needs()
    {
        var topology = ScionTopology.Parse(Encoding.UTF8.GetBytes(Sample));

        var local = topology.ToLocalAs();
        (local.IsdAs, local.Mtu, local.IsCore, local.DispatchedPorts)
            .Should().Be((IsdAs.Parse("1-ff00:0:110"), 1400, true, PortRange.Customary));
        local.Routers.Should().Equal(new Dictionary<ushort, IPEndPoint>
        {
            [1] = IPEndPoint.Parse("127.0.0.17:31008"),
            [2] = IPEndPoint.Parse("127.0.0.17:31008"),
            [3] = IPEndPoint.Parse("[fd00::17]:31010"),
        });
        topology.ControlServices.Select(each => each.ToString())
            .Should().Equal("http://127.0.0.19:30254/", "http://[::1]:30254/", "http://cs.example/");
    }

    [Fact]
    public async Task Border_router_by_host_name_gets_its_address()
    {
        var topology = Parse("127.0.0.17:31008", "br1.example:31008");

        var resolved = await topology.ResolveAsync(
            (host, _) => Task.FromResult(host == "br1.example" ? new[] { IPAddress.Parse("10.0.0.7") } : []),
            CancellationToken.None);

        topology.NamedRouters.Keys.Should().BeEquivalentTo([(ushort)1, (ushort)2]);
        resolved.Routers[1].Should().Be(IPEndPoint.Parse("10.0.0.7:31008"));
        resolved.Routers[2].Should().Be(IPEndPoint.Parse("10.0.0.7:31008"));
        resolved.Routers[3].Should().Be(IPEndPoint.Parse("[fd00::17]:31010"));
        resolved.NamedRouters.Should().BeEmpty();
        var unknown = () => topology.ResolveAsync((_, _) => Task.FromResult<IPAddress[]>([]), CancellationToken.None);
        (await unknown.Should().ThrowAsync<FormatException>()).WithMessage("*'br1.example' has no IP address*");
    }

    [Fact]
    public void Mtu_that_is_missing_is_not_told() => Parse(", \"mtu\": 1400", "").ToLocalAs().Mtu.Should().BeNull();

    [Theory]
    [InlineData("\"\"", 0, 0)]
    [InlineData("\"-\"", 0, 0)]
    [InlineData("\"all\"", 1, 65535)]
    [InlineData("\"ALL\"", 1, 65535)]
    [InlineData("\"7-7\"", 7, 7)]
    [InlineData("null", 0, 0)]
    public void Parse_reads_each_form_of_the_dispatched_ports(string text, ushort first, ushort last) =>
        Parse("\"31000-32767\"", text).DispatchedPorts.Should().Be(new PortRange(first, last));

    [Theory]
    [InlineData("\"1-ff00:0:110\"", "\"1-0\"", "$.isd_as is \"1-0\"; expected an ISD-AS such as 1-ff00:0:110")]
    [InlineData("\"isd_as\": \"1-ff00:0:110\", ", "", "$.isd_as is missing")]
    [InlineData("1400", "0", "$.mtu is 0; expected a whole number from 1 to 65535")]
    [InlineData("1400", "1.5", "$.mtu is 1.5; expected a whole number")]
    [InlineData("1400", "\"1400\"", "$.mtu is \"1400\"; expected a whole number")]
    [InlineData("31000-32767", "2-1", "$.dispatched_ports is \"2-1\"; expected a range of ports")]
    [InlineData("31000-32767", "0-1", "$.dispatched_ports is \"0-1\"; expected a range of ports")]
    [InlineData("31000-32767", "1-65536", "$.dispatched_ports is \"1-65536\"; expected a range of ports")]
    [InlineData("[\"core\", \"voting\"]", "\"core\"", "$.attributes is \"core\"; expected an array")]
    [InlineData("\"voting\"", "7", "$.attributes[1] is 7; expected a text", false)]
    [InlineData("127.0.0.17:31008", "127.0.0.17", "$.border_routers.br1.internal_addr is \"127.0.0.17\"; expected")]
    [InlineData("127.0.0.17:31008", "b r:31008", "$.border_routers.br1.internal_addr is \"b r:31008\"; expected an IP")]
    [InlineData("127.0.0.17:31008", "br1:0", "$.border_routers.br1.internal_addr is \"br1:0\"; expected an IP")]
    [InlineData("\"2\": {}", "\"0\": {}", "$.border_routers.br1.interfaces.0 is {}; expected to be named by an")]
    [InlineData("\"2\": {}", "\"65536\": {}", "$.border_routers.br1.interfaces.65536 is {}; expected to be named")]
    [InlineData("\"3\": {}", "\"2\": {}", "$.border_routers.br2.interfaces.2 is {}; expected one border router for")]
    [InlineData("127.0.0.19:30254\" }, \"cs2", "127.0.0.19\" }, \"cs2", "$.control_service.cs1.addr is \"127.0.0.19\"")]
    [InlineData("cs.example:80", "u@cs.example:80", "$.control_service.cs3.addr is \"u@cs.example:80\"; expected")]
    [InlineData("cs.example:80", "cs.example/x:80", "$.control_service.cs3.addr is \"cs.example/x:80\"; expected")]
    public void Parse_names_the_place_of_a_fault(string part, string faulty, string fault, bool isRead = true)
    {
        var call = () => Parse(part, faulty);
        if (isRead)
        {
            call.Should().Throw<FormatException>().Which.Message.Should().StartWith(fault);
        }
        else
        {
            // Nothing is asked of what comes after "core".
            call.Should().NotThrow();
        }
    }

    [Fact]
    public void Parse_of_text_cut_at_every_length_fails_by_name()
    {
        var whole = Encoding.UTF8.GetBytes(Sample.TrimEnd());
        for (var length = 0; length < whole.Length; length++)
        {
            var call = () => ScionTopology.Parse(whole.AsMemory(0, length));
            call.Should().Throw<FormatException>().Which.Message.Should().StartWith("it is not JSON");
        }
    }

    [Fact]
    public void Parse_of_altered_text_fails_only_by_name()
    {
        var random = new Random(7);
        for (var i = 0; i < 5000; i++)
        {
            var altered = Encoding.UTF8.GetBytes(Sample);
            altered[random.Next(altered.Length)] = (byte)random.Next(256);
            try
            {
                ScionTopology.Parse(altered).ToLocalAs().Should().NotBeNull();
            }
            catch (FormatException e)
            {
                e.Message.Length.Should().BeLessThan(500);
            }
        }
    }

    [Fact]
    public void Parse_more_control_services_than_the_bound_is_refused()
    {
        var many = string.Join(',', Enumerable.Range(0, 65).Select(i => $"\"x{i}\": {{ \"addr\": \"127.0.0.1:1\" }}"));
        var call = () => Parse("\"cs1\": { \"addr\": \"127.0.0.19:30254\" }", many);
        call.Should().Throw<FormatException>().WithMessage("$.control_service has 67 members; at most 64 are taken");
    }

    private static ScionTopology Parse(string part, string replacement)
    {
        Sample.Should().Contain(part);
        return ScionTopology.Parse(Encoding.UTF8.GetBytes(Sample.Replace(part, replacement, StringComparison.Ordinal)));
    }
}
