namespace MqttScion.Quic.Tests;

/// <summary>How often packets are acknowledged.</summary>
public class AckFrequencyTests
{
    [Fact]
    public void Every_second_packet_is_acknowledged_when_few_come()
    {
        var received = new ReceivedPackets();

        Acks(received, count: 20, every: TimeSpan.FromMilliseconds(30)).Should().Be(10);
    }

    [Fact]
    public void Many_packets_in_a_round_trip_are_acknowledged_more_rarely()
    {
        var received = new ReceivedPackets();
        Acks(received, count: 1000, every: TimeSpan.FromMicroseconds(100));

        Acks(received, count: 1600, every: TimeSpan.FromMicroseconds(100), first: 1000).Should().BeInRange(100, 150);
    }

    [Fact]
    public void Gap_is_acknowledged_at_once()
    {
        var received = new ReceivedPackets();
        Acks(received, count: 1000, every: TimeSpan.FromMicroseconds(100));
        received.OnAckSent();

        received.Add(1001, true, EcnCodepoint.NotEct, false, TimeSpan.FromSeconds(2));

        received.IsAckDue.Should().BeTrue();
        received.OnAckSent();
        received.Add(1000, true, EcnCodepoint.NotEct, false, TimeSpan.FromSeconds(2));
        received.IsAckDue.Should().BeTrue();
    }

    private static int Acks(ReceivedPackets received, int count, TimeSpan every, int first = 0)
    {
        var acks = 0;
        for (var number = first; number < first + count; number++)
        {
            var now = every * number;
            received.AdaptThreshold(TimeSpan.FromMilliseconds(50), now);
            received.Add(number, true, EcnCodepoint.NotEct, false, now);
            if (!received.IsAckDue)
                continue;
            acks++;
            received.OnAckSent();
        }

        return acks;
    }
}
