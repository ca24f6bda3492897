using System.Security.Authentication;
using MqttScion.Mqtt;
using MqttScion.Quic;

namespace MqttScion.Tests;

public sealed class ClientExceptionTests
{
    [Theory]
    [InlineData(MqttClientConnectResultCode.NotAuthorized, false)]
    [InlineData(MqttClientConnectResultCode.BadUserNameOrPassword, false)]
    [InlineData(MqttClientConnectResultCode.UnsupportedProtocolVersion, false)]
    [InlineData(MqttClientConnectResultCode.ServerBusy, true)]
    [InlineData(MqttClientConnectResultCode.ServerUnavailable, true)]
    public void Refused_connect_is_transient_unless_it_is_about_us(MqttClientConnectResultCode code, bool expected) =>
        new MqttConnectRefusedException(new MqttClientConnectResult { ResultCode = code })
            .IsTransient.Should().Be(expected);

    [Theory]
    [InlineData(MqttSessionEndCause.DisconnectedByServer, MqttDisconnectReasonCode.NotAuthorized, false)]
    [InlineData(MqttSessionEndCause.DisconnectedByServer, MqttDisconnectReasonCode.BadAuthenticationMethod, false)]
    [InlineData(MqttSessionEndCause.DisconnectedByServer, MqttDisconnectReasonCode.ServerShuttingDown, true)]
    [InlineData(MqttSessionEndCause.ProtocolError, MqttDisconnectReasonCode.NotAuthorized, true)]
    public void End_of_a_session_is_transient_unless_the_server_refuses_us(
        MqttSessionEndCause cause, MqttDisconnectReasonCode code, bool expected) =>
        new MqttSessionEndedException(new MqttSessionEnd(cause, code, ""), "over").IsTransient.Should().Be(expected);

    [Theory]
    [InlineData(MqttClientSubscribeResultCode.QuotaExceeded, true)]
    [InlineData(MqttClientSubscribeResultCode.UnspecifiedError, true)]
    [InlineData(MqttClientSubscribeResultCode.NotAuthorized, false)]
    [InlineData(MqttClientSubscribeResultCode.WildcardSubscriptionsNotSupported, false)]
    public void Refused_filter_is_transient_where_the_server_lacks_room(
        MqttClientSubscribeResultCode code, bool expected)
    {
        var item = new MqttClientSubscribeResultItem(new MqttTopicFilter { Topic = "a" }, code);

        new MqttSubscribeRefusedException("a", new MqttClientSubscribeResult { Items = [item] })
            .IsTransient.Should().Be(expected);
    }

    [Theory]
    [InlineData(MqttClientPublishReasonCode.NoMatchingSubscribers, true)]
    [InlineData(MqttClientPublishReasonCode.QuotaExceeded, true)]
    [InlineData(MqttClientPublishReasonCode.NotAuthorized, false)]
    [InlineData(MqttClientPublishReasonCode.PacketTooLarge, false)]
    public void Failed_request_is_transient_unless_the_server_never_takes_it(
        MqttClientPublishReasonCode code, bool expected) =>
        new MqttRequestFailedException("a", new MqttClientPublishResult { ReasonCode = code })
            .IsTransient.Should().Be(expected);

    [Fact]
    public void Handler_that_has_no_credentials_is_not_asked_again()
    {
        new MqttAuthenticationException("m", new AuthenticationException()).IsTransient.Should().BeFalse();
        new MqttAuthenticationException("m", new TimeoutException()).IsTransient.Should().BeTrue();
    }

    [Fact]
    public void Missing_connection_is_as_transient_as_what_ended_it()
    {
        var server = MqttEndPoint.Parse("mqtt-quic://broker.example");
        const ulong UnknownCa = 0x100 + 48;
        Of(null).IsTransient.Should().BeTrue();
        Of(Closed(QuicCloseKind.IdleTimeout, 0)).IsTransient.Should().BeTrue();
        Of(Closed(QuicCloseKind.PeerTransport, UnknownCa)).IsTransient.Should().BeFalse();

        MqttNotConnectedException Of(Exception? cause) => new("gone", cause);
        QuicConnectionException Closed(QuicCloseKind kind, ulong code) =>
            new(server, new QuicCloseReason(kind, code, FrameType: null, ""));
    }
}
