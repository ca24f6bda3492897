namespace MqttScion.Quic.Tests;

public class SentPacketsTests
{
    private readonly SentPackets _packets = new(new SentPacketPool());
    private readonly NetworkPath _path = new(0, 1200, 0, 0, new QuicOptions());

    [Fact]
    public void Ring_grows_from_nothing_and_keeps_what_is_in_flight()
    {
        Send(0, 100);

        _packets.Count.Should().Be(100);
        Enumerable.Range(0, 100).Should().OnlyContain(number => _packets.Get(number)!.Number == number);
        _packets.Get(100).Should().BeNull();
    }

    [Fact]
    public void Trim_leaves_packets_in_flight_alone()
    {
        Send(0, 100);

        _packets.Trim();

        _packets.Get(50).Should().NotBeNull();
        _packets.Capacity.Should().BeGreaterThanOrEqualTo(100);
    }

    [Fact]
    public void Trim_gives_back_what_a_burst_took_and_numbers_go_on()
    {
        Send(0, 100);
        Acknowledge(0, 100);

        _packets.Trim();

        _packets.Capacity.Should().BeLessThan(10);
        Send(100, 3);
        _packets.Get(101)!.Number.Should().Be(101);
        _packets.Get(99).Should().BeNull();
    }

    [Fact]
    public void Release_forgets_packets()
    {
        Send(0, 20);
        Acknowledge(0, 10);

        _packets.Release();

        _packets.Capacity.Should().Be(0);
        _packets.Count.Should().Be(0);
        _packets.Get(15).Should().BeNull();
        Send(20, 1);
        _packets.Get(20).Should().NotBeNull();
    }

    private void Send(int first, int count)
    {
        for (var number = first; number < first + count; number++)
        {
            var packet = _packets.Rent(_path);
            packet.Number = number;
            _packets.Add(packet);
        }
    }

    private void Acknowledge(int first, int count)
    {
        for (var number = first; number < first + count; number++)
        {
            var packet = _packets.Get(number)!;
            _packets.Remove(packet);
            _packets.Return(packet);
        }
    }
}
