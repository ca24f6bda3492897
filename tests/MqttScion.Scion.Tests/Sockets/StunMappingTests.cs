using System.Net;
using MqttScion.Udp;

namespace MqttScion.Scion.Tests;

public class StunMappingTests
{
    private static readonly UdpAddress Router = new IPEndPoint(IPAddress.Parse("10.0.0.1"), 30042);
    private static readonly UdpAddress Mapped = new IPEndPoint(IPAddress.Parse("192.0.2.7"), 40000);

    private readonly StunMapping _mapping;
    private readonly byte[] _request = new byte[StunMessage.RequestLength];
    private uint _ids;

    public StunMappingTests() => _mapping = new StunMapping(Router, () => new StunTransactionId(7, ++_ids));

    [Fact]
    public void Request_is_repeated_with_the_same_id_at_doubled_waits_and_then_given_up()
    {
        var sent = RunTo(Seconds(200));
        sent.Select(r => r.At.TotalMilliseconds).Should().Equal(
            0, 500, 1500, 3500, 7500, 15500, 31500,
            // 8 s for the last one, a pause of 60 s, and all over again.
            99500, 100000, 101000, 103000, 107000, 115000, 131000, 199000, 199500);
        sent.Select(r => r.Id.Last).Should().Equal(1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 3, 3);
        _mapping.UnansweredRounds.Should().Be(2);
        _mapping.Mapped.Should().BeNull();
    }

    [Fact]
    public void Answer_gives_the_mapping_and_it_is_refreshed()
    {
        RunTo(Seconds(1));
        Answer(id: 1, Mapped).Should().BeTrue();
        _mapping.Mapped.Should().Be(Mapped);
        _mapping.NextTimeout.Should().Be(Seconds(0.5) + StunMapping.RefreshInterval);
        RunTo(Seconds(15.5)).Should().Equal((Seconds(15.5), new StunTransactionId(7, 2)));
        var moved = Mapped.WithPort(40001);
        Answer(id: 2, moved).Should().BeTrue();
        _mapping.Mapped.Should().Be(moved);
    }

    [Fact]
    public void Answer_is_taken_once_and_only_for_the_request_under_way()
    {
        Answer(id: 1, Mapped).Should().BeFalse();
        RunTo(TimeSpan.Zero);
        Answer(id: 2, Mapped).Should().BeFalse();
        Answer(id: 1, new IPEndPoint(IPAddress.IPv6Loopback, 1)).Should().BeFalse();
        _mapping.TryTakeResponse([]).Should().BeFalse();
        _mapping.Mapped.Should().BeNull();
        Answer(id: 1, Mapped).Should().BeTrue();
        Answer(id: 1, Mapped.WithPort(1)).Should().BeFalse();
        _mapping.Mapped.Should().Be(Mapped);
    }

    [Fact]
    public void Mapping_stays_when_a_refresh_is_not_answered()
    {
        RunTo(TimeSpan.Zero);
        Answer(id: 1, Mapped);
        RunTo(Seconds(60));
        _mapping.UnansweredRounds.Should().Be(1);
        _mapping.Mapped.Should().Be(Mapped);
    }

    private List<(TimeSpan At, StunTransactionId Id)> RunTo(TimeSpan end)
    {
        var sent = new List<(TimeSpan, StunTransactionId)>();
        while (_mapping.NextTimeout <= end)
        {
            var now = _mapping.NextTimeout;
            if (!_mapping.TryTakeRequest(now, _request, out var length))
                continue;
            StunMessage.TryReadRequest(_request.AsSpan(0, length), out var id).Should().BeTrue();
            sent.Add((now, id));
        }
        _mapping.TryTakeRequest(end, _request, out _).Should().BeFalse();
        return sent;
    }

    private bool Answer(uint id, UdpAddress mapped)
    {
        var response = new byte[StunMessage.MaxResponseLength];
        var length = StunMessage.WriteResponse(response, new StunTransactionId(7, id), mapped);
        return _mapping.TryTakeResponse(response.AsSpan(0, length));
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}
