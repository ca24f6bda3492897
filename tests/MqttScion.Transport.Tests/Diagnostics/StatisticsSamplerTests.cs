using MqttScion.Quic;
using MqttScion.Scion;

namespace MqttScion.Transport.Tests;

public sealed class StatisticsSamplerTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly List<ConnectionStatistics> _published = [];
    private readonly StatisticsSampler _sampler;

    public StatisticsSamplerTests() => _sampler = new StatisticsSampler(
        ScionEndPoint.Parse("[1-ff00:0:110,10.0.0.2]:4433"), Interval, _published.Add);

    [Fact]
    public void Change_is_told_once_an_interval()
    {
        for (var tick = 0; tick <= 25; tick++)
            Sample(seconds: tick * 0.1, sent: 1 + tick);

        _published.Select(each => each.Quic.SentPackets).Should().Equal(1, 11, 21);
        _published.Should().OnlyContain(each => each.Cause == StatisticsCause.Interval);
        _sampler.NextTimeout.Should().Be(TimeSpan.FromSeconds(3));
    }

    [Fact]
    public void Nothing_is_told_while_nothing_changes()
    {
        for (var second = 0; second < 10; second++)
            Sample(second, sent: 5);

        _published.Should().ContainSingle();
        _sampler.NextTimeout.Should().Be(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void Another_path_and_new_keys_are_told_at_once()
    {
        Sample(0, sent: 1);
        Sample(0.1, sent: 2, path: 3);
        Sample(0.2, sent: 3, path: 3, keys: 1);
        Sample(0.3, sent: 4, path: 3, keys: 1);

        _published.Select(each => each.Cause).Should().Equal(
            StatisticsCause.Interval, StatisticsCause.PathChanged, StatisticsCause.KeysUpdated);
    }

    [Fact]
    public void Close_is_told_and_is_the_last()
    {
        Sample(0, sent: 1);
        _sampler.Close(new QuicStatistics { SentPackets = 1 }, null);

        _published[^1].Cause.Should().Be(StatisticsCause.Closed);
        _sampler.NextTimeout.Should().BeNull();
    }

    [Fact]
    public void Sampler_at_rest_needs_no_timer()
    {
        Sample(0, sent: 1);
        _sampler.Rest();
        _sampler.NextTimeout.Should().BeNull();
    }

    private void Sample(double seconds, long sent, int path = 0, int keys = 0) => _sampler.Sample(
        new QuicStatistics { SentPackets = sent, PathId = path, KeyUpdates = keys },
        null,
        TimeSpan.FromSeconds(seconds));
}
