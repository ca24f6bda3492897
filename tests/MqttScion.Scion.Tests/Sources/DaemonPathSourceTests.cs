using System.Net;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;
using Daemon = MqttScion.Scion.Protobuf.Daemon;

namespace MqttScion.Scion.Tests;

public sealed class DaemonPathSourceTests
{
    private static readonly IsdAs Core = IsdAs.Parse("1-ff00:0:110");
    private static readonly IsdAs Leaf = IsdAs.Parse("1-ff00:0:111");

    private readonly VirtualTime _time = new();

    [Fact]
    public async Task GetLocal_tells_what_the_daemon_tells_and_asks_again_after_its_lifetime()
    {
        var handler = Server();
        using var source = Source(handler);

        var local = (await source.GetLocalAsync()).Should().ContainSingle().Subject;

        (local.IsdAs, local.Mtu, local.IsCore, local.DispatchedPorts)
            .Should().Be((Leaf, 1472, false, new PortRange(31000, 32767)));
        local.Routers.Should().Equal(new Dictionary<ushort, IPEndPoint> { [2] = new(IPAddress.Loopback, 30001) });
        _time.Advance(TimeSpan.FromSeconds(599));
        await source.GetLocalAsync();
        handler.Calls.Should().HaveCount(3);
        _time.Advance(TimeSpan.FromSeconds(1));
        await source.GetLocalAsync();
        handler.Calls.Should().HaveCount(6);
    }

    [Fact]
    public async Task GetLocal_daemon_that_fails_later_leaves_what_it_told_in_use()
    {
        var handler = Server();
        using var source = Source(handler);
        await source.GetLocalAsync();

        handler.On("AS", _ => ScriptedHandler.GrpcRefusal("14", "restarting"));
        _time.Advance(TimeSpan.FromSeconds(600));
        (await source.GetLocalAsync())[0].IsdAs.Should().Be(Leaf);
        (await source.GetLocalAsync())[0].IsdAs.Should().Be(Leaf);

        source.FailedRefreshes.Should().Be(1);
    }

    [Fact]
    public async Task GetLocal_old_daemon_without_port_range_leaves_it_open()
    {
        using var source = Source(Server().On("PortRange", _ => ScriptedHandler.GrpcRefusal("12", "unknown method")));
        (await source.GetLocalAsync())[0].DispatchedPorts.Should().BeNull();
    }

    [Fact]
    public async Task GetLocal_lying_daemon_is_an_error_that_names_the_fault()
    {
        var lies = new (string Method, IMessage Answer, string Fault)[]
        {
            ("AS", new Daemon.ASResponse { Mtu = 1472 }, "it is in 0-0"),
            ("AS", new Daemon.ASResponse { IsdAs = Leaf.Value }, "MTU of 1-ff00:0:111 is 0"),
            ("PortRange", new Daemon.PortRangeResponse { DispatchedPortStart = 2, DispatchedPortEnd = 1 }, "2 to 1"),
            ("PortRange", new Daemon.PortRangeResponse { DispatchedPortEnd = 65536 }, "0 to 65536"),
            ("Interfaces", Interfaces(0, "127.0.0.1:30001"), "interface 0 is"),
            ("Interfaces", Interfaces(65536, "127.0.0.1:30001"), "interface 65536 is"),
            ("Interfaces", Interfaces(1, "router:30001"), "at 'router:30001'; expected"),
            ("Interfaces", Interfaces(1, "127.0.0.1"), "at '127.0.0.1'; expected"),
        };
        foreach (var (method, answer, fault) in lies)
        {
            using var source = Source(Server().OnGrpc(method, answer));
            (await Failure(source)).Message.Should().Contain($"DaemonService/{method}").And.Contain(fault);
        }
    }

    [Fact]
    public async Task GetPaths_gives_the_path_with_all_its_metadata()
    {
        var message = Path();
        message.Latency.Add(new Duration { Nanos = 1_500_000 });
        message.Bandwidth.Add(1000);
        message.Geo.Add([new Daemon.GeoCoordinates(), new Daemon.GeoCoordinates { Latitude = 47, Address = "Zürich" }]);
        message.LinkType.Add(Daemon.LinkType.OpenNet);
        message.Notes.Add(["from", "to"]);
        var handler = Server(message);
        using var source = Source(handler);

        var path = (await source.GetPathsAsync(Core)).Should().ContainSingle().Subject;

        path.ToString().Should().Be("1-ff00:0:111 2>1 1-ff00:0:110");
        (path.Mtu, path.NextHop).Should().Be((1400, new IPEndPoint(IPAddress.Loopback, 30001)));
        path.Expiry.Should().Be(_time.GetUtcNow().AddHours(6));
        path.Metadata.Should().BeEquivalentTo(new PathMetadata
        {
            Latencies = [TimeSpan.FromMilliseconds(1.5)],
            BandwidthsKbps = [1000],
            Locations = [null, new(47, 0, "Zürich")],
            LinkTypes = [PathLinkType.OpenNet],
            Notes = ["from", "to"],
        });
        var request = Daemon.PathsRequest.Parser.ParseFrom(handler.Calls[^1].Body.AsSpan(5));
        (request.SourceIsdAs, request.DestinationIsdAs).Should().Be((Leaf.Value, Core.Value));
    }

    [Fact]
    public async Task GetPaths_metadata_that_does_not_fit_is_taken_as_not_announced()
    {
        var message = Path();
        message.Latency.Add(new Duration { Seconds = -1 });
        message.Bandwidth.Add([1, 2, 3]);
        message.Geo.Add([
            new Daemon.GeoCoordinates { Latitude = float.NaN },
            new Daemon.GeoCoordinates { Latitude = 91, Address = "beyond the pole" }]);
        message.LinkType.Add((Daemon.LinkType)9);
        message.InternalHops.Add(1);
        using var source = Source(Server(message));

        var path = (await source.GetPathsAsync(Core)).Should().ContainSingle().Subject;

        path.Metadata.Should().BeEquivalentTo(new PathMetadata
        {
            Latencies = [null],
            Locations = [null, null],
            LinkTypes = [PathLinkType.Unspecified],
        });
    }

    [Theory]
    [InlineData(30, 24)] // beyond the hop fields
    [InlineData(null, 24)]
    [InlineData(1, 1)]
    public async Task GetPaths_expiry_is_never_later_than_that_of_the_hop_fields(int? announced, int expected)
    {
        var now = _time.GetUtcNow();
        var message = Path();
        message.Expiration = announced is { } hours ? Timestamp.FromDateTimeOffset(now.AddHours(hours)) : null;
        using var source = Source(Server(message));
        (await source.GetPathsAsync(Core))[0].Expiry.Should().Be(now.AddHours(expected));
    }

    [Fact]
    public async Task GetPaths_expired_path_is_left_out()
    {
        using var source = Source(Server(Path(message => message.Expiration.Seconds = TestSegments.Timestamp)));
        (await source.GetPathsAsync(Core)).Should().BeEmpty();
    }

    [Fact]
    public async Task GetPaths_inside_the_AS_gives_the_local_path()
    {
        var message = new Daemon.Path { Mtu = 1472, Expiration = new Timestamp { Seconds = 2_000_000_000 } };
        using var source = Source(Server(message));
        var path = (await source.GetPathsAsync(Leaf)).Should().ContainSingle().Subject;
        (path.IsLocal, path.Mtu, path.NextHop).Should().Be((true, 1472, null));
    }

    [Fact]
    public async Task GetPaths_from_another_AS_is_an_error()
    {
        using var source = Source(Server());
        var call = () => source.GetPathsAsync(Core, source: Core);
        var failure = (await call.Should().ThrowAsync<PathLookupException>()).Which;
        failure.Code.Should().Be("invalid_argument");
        failure.Message.Should().Contain("is in 1-ff00:0:111; it was to be asked for paths from 1-ff00:0:110");
    }

    public static TheoryData<string, string> Lies => new()
    {
        { "no interfaces", "0 interfaces on the way to another AS" },
        { "odd interfaces", "3 interfaces; expected pairs" },
        { "too many interfaces", "200 interfaces; expected pairs" },
        { "another source", "it leads from 1-ff00:0:110 to 1-ff00:0:110; asked for was 1-ff00:0:111" },
        { "large id", "interface id 65536 does not fit" },
        { "zero id", "interface 1 is 1-ff00:0:110#0, which has a wildcard" },
        { "gap", "interface 2 is 3-3#1 after 2-2#1; expected one of the same AS" },
        { "loop", "it visits 2-2 twice" },
        { "no next hop", "the next hop is ''" },
        { "mtu", "mtu 0; expected 1 to 65535" },
        { "no raw", "not well-formed: at byte 0: expected 4 bytes, got 0" },
        { "cut raw", "not well-formed: at byte 0: expected a path of 36 bytes, got 35" },
        { "moved raw", "is at info field 0, hop field 1; expected it at its first" },
        { "other ids", "crosses the interfaces 2 1; announced are 2 7" },
    };

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task GetPaths_lying_daemon_is_an_error_that_names_the_fault(string lie, string fault)
    {
        using var source = Source(Server(Path(message => Tell(lie, message))));
        (await Failure(source)).Message.Should().Contain("only paths that break the rules").And.Contain(fault);
        source.RejectedPaths.Should().Be(1);
    }

    [Fact]
    public async Task GetPaths_faulty_path_among_good_ones_is_left_out_and_counted()
    {
        using var source = Source(Server(Path(message => message.Mtu = 0), Path()));
        (await source.GetPathsAsync(Core)).Should().ContainSingle();
        source.RejectedPaths.Should().Be(1);
    }

    [Fact]
    public void GetPaths_path_cut_at_every_length_or_altered_is_refused_without_an_exception()
    {
        var whole = Path().ToByteArray();
        var hostile = Enumerable.Range(0, whole.Length).Select(length => whole[..length])
            .Concat(Enumerable.Range(0, whole.Length * 8).Select(bit =>
            {
                var altered = (byte[])whole.Clone();
                altered[bit / 8] ^= (byte)(1 << bit % 8);
                return altered;
            }));
        var refused = 0;
        foreach (var bytes in hostile)
        {
            try
            {
                var message = Daemon.Path.Parser.ParseFrom(bytes);
                refused += DaemonPathDecoder.TryDecode(message, Leaf, Core, out _, out _) ? 0 : 1;
            }
            catch (InvalidProtocolBufferException)
            {
                refused++;
            }
        }
        refused.Should().BeGreaterThan(whole.Length);
    }

    [Fact]
    public async Task ReportDown_tells_the_daemon()
    {
        var handler = Server().OnGrpc("NotifyInterfaceDown", new Daemon.NotifyInterfaceDownResponse());
        using var source = Source(handler);

        await source.ReportDownAsync(new PathInterface(Core, 7));

        var request = Daemon.NotifyInterfaceDownRequest.Parser.ParseFrom(handler.Calls[^1].Body.AsSpan(5));
        (request.IsdAs, request.Id).Should().Be((Core.Value, 7UL));
    }

    private static void Tell(string lie, Daemon.Path message)
    {
        var ends = message.Interfaces;
        switch (lie)
        {
            case "no interfaces": ends.Clear(); break;
            case "odd interfaces": ends.Insert(1, End(Core, 3)); break;
            case "too many interfaces":
                for (var i = 0; i < 198; i++)
                {
                    ends.Insert(1, End(new IsdAs(1, 100), 1));
                }
                break;
            case "another source": ends[0].IsdAs = Core.Value; break;
            case "large id": ends[0].Id = 65536; break;
            case "zero id": ends[1].Id = 0; break;
            case "gap": Insert(ends, End(IsdAs.Parse("2-2"), 1), End(IsdAs.Parse("3-3"), 1)); break;
            case "loop":
                var (via, other) = (IsdAs.Parse("2-2"), IsdAs.Parse("2-3"));
                Insert(ends, End(via, 1), End(via, 2), End(other, 1), End(other, 2), End(via, 3), End(via, 4));
                break;
            case "no next hop": message.Interface = null; break;
            case "mtu": message.Mtu = 0; break;
            case "no raw": message.Raw = ByteString.Empty; break;
            case "cut raw": message.Raw = ByteString.CopyFrom(message.Raw.Span[..^1]); break;
            case "moved raw":
                var moved = message.Raw.ToByteArray();
                moved[0] = 1;
                message.Raw = ByteString.CopyFrom(moved);
                break;
            case "other ids": ends[1].Id = 7; break;
            default: throw new ArgumentException(lie);
        }
    }

    private static void Insert(
        RepeatedField<Daemon.PathInterface> ends, params Daemon.PathInterface[] between)
    {
        foreach (var each in between.Reverse())
        {
            ends.Insert(1, each);
        }
    }

    private DaemonPathSource Source(ScriptedHandler handler) => new(new DaemonOptions(), _time, handler);

    private static async Task<PathLookupException> Failure(DaemonPathSource source)
    {
        var call = () => source.GetPathsAsync(Core);
        return (await call.Should().ThrowAsync<PathLookupException>()).Which;
    }

    private static ScriptedHandler Server(params Daemon.Path[] paths) => new ScriptedHandler()
        .OnGrpc("AS", new Daemon.ASResponse { IsdAs = Leaf.Value, Mtu = 1472 })
        .OnGrpc("PortRange", new Daemon.PortRangeResponse { DispatchedPortStart = 31000, DispatchedPortEnd = 32767 })
        .OnGrpc("Interfaces", Interfaces(2, "127.0.0.1:30001"))
        .OnGrpc("Paths", new Daemon.PathsResponse { Paths = { paths } });

    private static Daemon.InterfacesResponse Interfaces(ulong id, string address) =>
        new() { Interfaces = { [id] = Interface(address) } };

    private static Daemon.Interface Interface(string address) => new() { Address = new() { Address = address } };

    private static Daemon.PathInterface End(IsdAs isdAs, ulong id) => new() { IsdAs = isdAs.Value, Id = id };

    private static Daemon.Path Path(Action<Daemon.Path>? change = null)
    {
        var info = new InfoField(IsPeering: false, ConsDir: false, SegId: 1, (uint)TestSegments.Timestamp);
        var raw = PathHeader.Encode([2], [info], [new(255, 2, 0, new byte[6]), new(255, 0, 1, new byte[6])]);
        var path = new Daemon.Path
        {
            Raw = ByteString.CopyFrom(raw),
            Interface = Interface("127.0.0.1:30001"),
            Interfaces = { End(Leaf, 2), End(Core, 1) },
            Mtu = 1400,
            Expiration = new Timestamp { Seconds = TestSegments.Timestamp + 6 * 3600 },
        };
        change?.Invoke(path);
        return path;
    }
}
