using System.Security.Cryptography;

namespace MqttScion.Scion.Tests;

public sealed class ScionPathTests
{
    [Fact]
    public void ToString_shows_interfaces_between_the_ASes() =>
        TestPaths.Through(["1-ff00:0:110", "2-7"]).ToString().Should().Be("1-1 2>1 1-ff00:0:110 2>1 2-7 2>1 2-1");

    [Fact]
    public void Hops_list_each_AS_with_its_two_interfaces()
    {
        var path = TestPaths.Via("1-2");
        path.Hops.Should().Equal(
            new PathHop(IsdAs.Parse("1-1"), 0, 2),
            new PathHop(IsdAs.Parse("1-2"), 1, 2),
            new PathHop(IsdAs.Parse("2-1"), 1, 0));
        (path.Source, path.Destination).Should().Be((IsdAs.Parse("1-1"), IsdAs.Parse("2-1")));
    }

    [Fact]
    public void Fingerprint_is_the_hash_over_ASes_and_interfaces_of_64_bits()
    {
        byte[] input =
        [
            0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2,
            0, 2, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1,
        ];
        TestPaths.Through([]).Fingerprint.Should().Be(Convert.ToHexStringLower(SHA256.HashData(input)));
    }

    [Fact]
    public void Equals_looks_at_interfaces_only()
    {
        var path = TestPaths.Via("1-2");
        path.Should().Be(TestPaths.Via("1-2", DateTimeOffset.UnixEpoch.AddDays(1)));
        path.Should().NotBe(TestPaths.Via("1-3"));
    }

    [Fact]
    public void SameAs_has_no_interfaces_and_one_hop()
    {
        var path = ScionPath.SameAs(IsdAs.Parse("1-1"), 1472, DateTimeOffset.UnixEpoch);
        path.IsLocal.Should().BeTrue();
        path.Hops.Should().Equal(new PathHop(IsdAs.Parse("1-1"), 0, 0));
        path.ToString().Should().Be("1-1");
        path.Should().NotBe(ScionPath.SameAs(IsdAs.Parse("1-2"), 1472, DateTimeOffset.UnixEpoch));
    }

    [Fact]
    public void Constructor_odd_number_of_interfaces_is_refused()
    {
        var make = () => new ScionPath(default, [new(IsdAs.Parse("1-1"), 1)], 1400, default, nextHop: null);
        make.Should().Throw<ArgumentException>();
    }
}
