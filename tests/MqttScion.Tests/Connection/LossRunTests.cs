using MqttScion.Mqtt;
using MqttScion.Quic;
using MqttScion.Tests.Support;

namespace MqttScion.Tests.Connection;

/// <summary>How failures that come one after the other are counted.</summary>
public sealed class LossRunTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    private readonly LossRun _run = new(TestSettings.With(o =>
    {
        o.ReconnectDelay = TimeSpan.FromSeconds(1);
        o.MaxReconnectDelay = TimeSpan.FromSeconds(30);
    }));

    [Fact]
    public void Same_broken_rule_on_each_connection_counts_on_and_slows_down()
    {
        var delays = Enumerable.Range(0, 8)
            .Select(_ => _run.OnLost(Broken("1"), Moment, hasAcknowledged: true))
            .ToList();

        _run.Attempt.Should().Be(8);
        _run.SameCauseCount.Should().Be(8);
        delays[0].Should().BeLessThan(TimeSpan.FromSeconds(1.5));
        delays[^1].Should().Be(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void Numbers_in_the_text_do_not_make_it_another_fault()
    {
        _run.OnLost(Broken("17"), Moment, hasAcknowledged: false);
        _run.OnLost(Broken("18"), Moment, hasAcknowledged: false);

        _run.SameCauseCount.Should().Be(2);
    }

    [Fact]
    public void Another_fault_begins_anew()
    {
        _run.OnLost(Broken("1"), Moment, hasAcknowledged: false);
        _run.OnLost(new IOException("lost"), Moment, hasAcknowledged: false);

        (_run.Attempt, _run.SameCauseCount).Should().Be((1, 1));
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 2)]
    public void Long_life_with_a_broken_rule_at_its_end_is_progress_only_when_something_was_acknowledged(
        bool hasAcknowledged, int attempt)
    {
        _run.OnLost(Broken("1"), Moment, hasAcknowledged: false);

        _run.OnLost(Broken("1"), Long, hasAcknowledged);

        (_run.Attempt, _run.SameCauseCount).Should().Be((attempt, attempt));
    }

    [Fact]
    public void Lost_network_after_a_long_idle_life_is_made_again_at_once()
    {
        _run.OnLost(new IOException("lost"), Long, hasAcknowledged: false).Should().Be(TimeSpan.Zero);
        _run.OnLost(new IOException("lost"), Long, hasAcknowledged: false).Should().Be(TimeSpan.Zero);

        (_run.Attempt, _run.SameCauseCount).Should().Be((1, 1));
    }

    [Fact]
    public void Server_that_shuts_down_each_time_breaks_no_rule()
    {
        var down = Ended(MqttSessionEndCause.DisconnectedByServer, MqttDisconnectReasonCode.ServerShuttingDown, "bye");

        _run.OnLost(down, Long, hasAcknowledged: false).Should().Be(TimeSpan.Zero);
    }

    [Fact]
    public void Refusal_waits_for_the_longest_delay_however_long_the_connection_lived()
    {
        var revoked = Ended(MqttSessionEndCause.DisconnectedByServer, MqttDisconnectReasonCode.NotAuthorized, "");

        _run.OnLost(revoked, Long, hasAcknowledged: true)
            .Should().BeGreaterThan(TimeSpan.FromSeconds(22)).And.BeLessThanOrEqualTo(TimeSpan.FromSeconds(30));
    }

    [Theory]
    [InlineData(QuicCloseKind.PeerTransport, 0x100 + 45, true)] // certificate_expired: ours
    [InlineData(QuicCloseKind.LocalTransport, 0x100 + 48, true)] // unknown_ca: the server's
    [InlineData(QuicCloseKind.PeerApplication, ProxyErrorCodes.NoClientCertificate, true)]
    [InlineData(QuicCloseKind.PeerTransport, 0x100 + 40, false)] // handshake_failure
    [InlineData(QuicCloseKind.PeerApplication, ProxyErrorCodes.BrokerUnreachable, false)]
    [InlineData(QuicCloseKind.HandshakeTimeout, 0, false)]
    public void Certificate_refused_by_either_side_is_a_refusal(QuicCloseKind kind, ulong code, bool isRefusal) =>
        ConnectFailures.IsRefusal(new QuicConnectionException(
            MqttEndPoint.Parse("mqtt-quic://broker.example"), new QuicCloseReason(kind, code, FrameType: null, "")))
            .Should().Be(isRefusal);

    internal static MqttSessionEndedException Broken(string number) => Ended(
        MqttSessionEndCause.ProtocolError,
        MqttDisconnectReasonCode.ProtocolError,
        $"[MQTT-3.4.2-1]: reason {number} is not allowed in PUBACK.");

    private static MqttSessionEndedException Ended(
        MqttSessionEndCause cause, MqttDisconnectReasonCode code, string text) =>
        new(new MqttSessionEnd(cause, code, text), text);
}
