namespace MqttScion.Testnet.Tests;

/// <summary>The QoS 2 messages of a client whose connection is taken over.</summary>
public sealed class BrokerInboxTests
{
    [Fact]
    public void Message_that_the_former_connection_reads_late_is_not_taken_a_second_time()
    {
        var (inbox, former, present) = (new BrokerInbox(), new object(), new object());
        inbox.Attach(former);
        inbox.Attach(present);
        inbox.TryBegin(present, packetId: 7).Should().BeTrue();
        inbox.TryEnd(present, packetId: 7).Should().BeTrue();

        inbox.TryBegin(former, packetId: 7).Should().BeFalse();

        inbox.Count.Should().Be(0);
    }

    [Fact]
    public void Message_that_the_former_connection_took_is_known_to_the_next()
    {
        var (inbox, former, present) = (new BrokerInbox(), new object(), new object());
        inbox.Attach(former);
        inbox.TryBegin(former, packetId: 7).Should().BeTrue();
        inbox.Attach(present);

        inbox.TryBegin(present, packetId: 7).Should().BeFalse();
        inbox.TryEnd(former, packetId: 7).Should().BeFalse();
        inbox.TryEnd(present, packetId: 7).Should().BeTrue();
    }
}
