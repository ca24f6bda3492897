namespace MqttScion.Quic.Tests;

/// <summary>A burst leaves no memory behind in a connection that is quiet afterwards.</summary>
public class IdleMemoryTests
{
    [Fact]
    public void Quiet_connection_gives_back_what_a_burst_took_on_both_sides()
    {
        using var pair = new QuicPair().Connect();
        pair.EchoOnServer();
        var data = Transfer.RandomBytes(500_000, seed: 1);
        pair.Echo(data, TimeSpan.FromMinutes(1));
        pair.Client.SentPacketCapacity.Should().BeGreaterThan(60);
        pair.Server!.SentPacketCapacity.Should().BeGreaterThan(60);

        pair.Run(TimeSpan.FromSeconds(20));

        pair.Client.SentPacketCapacity.Should().BeLessThan(20);
        pair.Server.SentPacketCapacity.Should().BeLessThan(20);
        pair.Echo(data, TimeSpan.FromMinutes(1)).AsSpan().SequenceEqual(data).Should().BeTrue();
    }
}
