using System.Net;

namespace MqttScion.Transport.Tests;

/// <summary>Which of the addresses of a name are tried, and in which order.</summary>
public sealed class HostAddressesTests
{
    [Theory]
    [InlineData("::1 ::2 ::3 10.0.0.1 10.0.0.2", 3, "::1 10.0.0.1 ::2")]
    [InlineData("10.0.0.1 10.0.0.2 ::1", 2, "10.0.0.1 ::1")]
    [InlineData("10.0.0.1 10.0.0.2 10.0.0.1 10.0.0.3", 3, "10.0.0.1 10.0.0.2 10.0.0.3")]
    [InlineData("::1 ::2", 1, "::1")]
    [InlineData("::ffff:10.0.0.1 10.0.0.1 10.0.0.2", 3, "10.0.0.1 10.0.0.2")]
    public async Task Families_take_turns_so_that_one_that_is_broken_leaves_the_other(
        string found, int maxCount, string tried)
    {
        var hosts = new HostAddresses(
            (_, _) => Task.FromResult(Array.ConvertAll(found.Split(' '), IPAddress.Parse)),
            TimeSpan.FromSeconds(1),
            TimeProvider.System);

        var addresses = await hosts.FindAsync(ServerAddress.Parse("quic://host.example:9"), maxCount, default);

        addresses.Should().Equal(tried.Split(' ').Select(a => new IPEndPoint(IPAddress.Parse(a), 9)));
    }
}
