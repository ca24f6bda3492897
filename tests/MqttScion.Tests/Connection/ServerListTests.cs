using MqttScion.Mqtt;
using MqttScion.Tests.Support;

namespace MqttScion.Tests.Connection;

/// <summary>The order of the servers, and what becomes of a Server Reference.</summary>
public sealed class ServerListTests
{
    private const string A = "[1-ff00:0:110,10.0.0.1]:1";
    private const string B = "[1-ff00:0:110,10.0.0.2]:2";
    private const string C = "[1-ff00:0:111,10.0.0.3]:3";
    private const string D = "[1-ff00:0:110,10.0.0.4]:4";

    [Fact]
    public void InOrder_begins_with_the_first_each_time()
    {
        var servers = List(ServerSelection.InOrder, A, B, C);
        servers.OnConnected(Of(B));

        Attempt(servers).Should().Equal(A, B, C);
    }

    [Fact]
    public void RoundRobin_begins_after_the_last_that_was_connected()
    {
        var servers = List(ServerSelection.RoundRobin, A, B, C);
        Attempt(servers).Should().Equal(A, B, C);
        servers.OnConnected(Of(B));

        Attempt(servers).Should().Equal(C, A, B);
    }

    [Fact]
    public void Random_tries_all_and_begins_with_each()
    {
        var servers = List(ServerSelection.Random, A, B, C);

        var attempts = Enumerable.Range(0, 200).Select(_ => Attempt(servers)).ToArray();

        attempts.Should().OnlyContain(a => a.Length == 3 && a.Distinct().Count() == 3);
        attempts.Select(a => a[0]).Distinct().Should().HaveCount(3);
    }

    [Fact]
    public void Refusal_with_a_reference_is_followed_for_this_attempt()
    {
        var servers = List(ServerSelection.InOrder, A, B);

        servers.Follow(Of(A), Refusal(MqttClientConnectResultCode.UseAnotherServer, $"tcp://x {D}")).Should().Be(Of(D));

        Attempt(servers).Should().Equal(A, B);
    }

    [Fact]
    public void Server_that_has_moved_is_replaced_for_good()
    {
        var servers = List(ServerSelection.InOrder, A, B);

        servers.Follow(Of(A), Refusal(MqttClientConnectResultCode.ServerMoved, D)).Should().Be(Of(D));

        Attempt(servers).Should().Equal(D, B);
    }

    [Theory]
    [InlineData("mqtt://example.org")]
    [InlineData("[1-ff00:0:999,10.0.0.9]:9")]
    [InlineData(A)]
    [InlineData("")]
    [InlineData(null)]
    public void Reference_that_leads_nowhere_is_not_followed(string? reference)
    {
        var servers = List(ServerSelection.InOrder, A, B);

        servers.Follow(Of(A), Refusal(MqttClientConnectResultCode.UseAnotherServer, reference)).Should().BeNull();
    }

    [Theory]
    [InlineData("mqtt-quic://Broker.Example:14568", true)]
    [InlineData("mqtt-quic://broker.example:14567", false)]
    [InlineData("mqtt-quic://other.example:14567", false)]
    [InlineData("mqtt-quic://10.0.0.1:14567", false)]
    [InlineData("[1-ff00:0:110,10.0.0.9]:9", true)]
    [InlineData("scion://[1-ff00:0:111,10.0.0.9]:9", false)]
    [InlineData("broker.example:14568", false)]
    public void Reference_from_plain_IP_is_followed_to_listed_hosts_and_ASes_only(string reference, bool isFollowed)
    {
        const string OnIP = "mqtt-quic://broker.example";
        var servers = List(ServerSelection.InOrder, OnIP, A);

        var other = servers.Follow(Of(OnIP), Refusal(MqttClientConnectResultCode.UseAnotherServer, reference));

        other.Should().Be(isFollowed ? Of(reference) : null);
    }

    [Fact]
    public void Other_refusals_and_ends_are_not_followed()
    {
        var servers = List(ServerSelection.InOrder, A, B);

        servers.Follow(Of(A), Refusal(MqttClientConnectResultCode.ServerBusy, D)).Should().BeNull();
        servers.Follow(Of(A), End(MqttDisconnectReasonCode.ServerShuttingDown, D));

        Attempt(servers).Should().Equal(A, B);
    }

    [Fact]
    public void DISCONNECT_with_a_reference_puts_it_in_front_of_the_next_attempt_only()
    {
        var servers = List(ServerSelection.InOrder, A, B);

        servers.Follow(Of(A), End(MqttDisconnectReasonCode.UseAnotherServer, D));

        Attempt(servers).Should().Equal(D, A, B);
        Attempt(servers).Should().Equal(A, B);
    }

    private static MqttEndPoint Of(string text) => MqttEndPoint.Parse(text);

    private static string[] Attempt(ServerList servers) => [.. servers.Attempt().Select(s => s.ToString())];

    private static ServerList List(ServerSelection selection, params string[] servers) => new(
        TestSettings.With(o =>
        {
            o.ServerSelection = selection;
            o.MaxServerReferences = 3;
        }) with
        {
            Servers = [.. servers.Select(Of)],
        });

    private static MqttClientConnectResult Refusal(MqttClientConnectResultCode code, string? reference) =>
        new() { ResultCode = code, ServerReference = reference };

    private static MqttSessionEnd End(MqttDisconnectReasonCode code, string reference) =>
        new(MqttSessionEndCause.DisconnectedByServer, code, "") { ServerReference = reference };
}
