namespace MqttScion.Quic.Tests;

/// <summary>Updates of the 1-RTT keys by a peer (RFC 9001 §6).</summary>
public class KeyUpdateTests
{
    private static readonly byte[] Ping = [0x01];

    [Fact]
    public void Update_that_follows_the_acknowledgement_of_another_is_read()
    {
        using var pair = Deaf();

        for (var update = 1; update <= 4; update++)
        {
            Receive(pair, number: 1000 + update, update).Should().BeTrue();
            pair.Run(TimeSpan.FromMilliseconds(50));
        }

        pair.Server!.KeyUpdateCount.Should().Be(4);
    }

    [Fact]
    public void Packet_of_the_previous_phase_that_is_late_is_read()
    {
        using var pair = Deaf();

        Receive(pair, number: 1001, keyUpdates: 1).Should().BeTrue();
        pair.Run(TimeSpan.FromMilliseconds(50));
        Receive(pair, number: 1003, keyUpdates: 2).Should().BeTrue();
        Receive(pair, number: 1002, keyUpdates: 1).Should().BeTrue();

        pair.Server!.KeyUpdateCount.Should().Be(2);
    }

    [Fact]
    public void Forged_phase_changes_nothing()
    {
        using var pair = new QuicPair().Connect();
        Receive(pair, number: 1001, keyUpdates: 1).Should().BeTrue();

        Receive(pair, number: 1002, keyUpdates: 4).Should().BeFalse();

        pair.Server!.KeyUpdateCount.Should().Be(1);
        Receive(pair, number: 1003, keyUpdates: 1).Should().BeTrue();
    }

    /// <summary>A pair whose client hears nothing more: it did not send what is acknowledged.</summary>
    private static QuicPair Deaf()
    {
        var pair = new QuicPair().Connect();
        pair.Tap = static (fromServer, _, _) => !fromServer;
        return pair;
    }

    private static bool Receive(QuicPair pair, long number, int keyUpdates)
    {
        var packet = PacketForge.OneRtt(pair, toServer: true, number, Ping, keyUpdates: keyUpdates);
        return pair.Server!.Receive(packet, 0, EcnCodepoint.NotEct, pair.Now);
    }
}
