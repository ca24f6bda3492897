namespace MqttScion.Quic.Tests;

public class HandshakeTests
{
    [Fact]
    public void Connect_on_a_clean_link_confirms_on_both_sides()
    {
        using var pair = new QuicPair().Connect();

        pair.Client.State.Should().Be(QuicConnectionState.Connected);
        pair.Server!.State.Should().Be(QuicConnectionState.Connected);
        pair.Client.ApplicationProtocol.Should().Be("mqtt");
        pair.ClientEvents.Select(item => item.Kind).Should().StartWith(
            [QuicEventKind.HandshakeCompleted, QuicEventKind.HandshakeConfirmed]);
        pair.Now.Should().BeLessThan(TimeSpan.FromHours(1) + TimeSpan.FromMilliseconds(41));
    }

    [Fact]
    public void Echo_on_a_clean_link_returns_the_bytes()
    {
        using var pair = new QuicPair().Connect();
        pair.EchoOnServer();
        var data = Transfer.RandomBytes(100_000, seed: 7);

        pair.Echo(data).Should().Equal(data);
    }
}
