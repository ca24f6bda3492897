namespace MqttScion.Quic.Tests;

/// <summary>What an authenticated peer may do at the edge of the rules.</summary>
public class ViolationTests
{
    private const long FreshNumber = 5000;
    private const string PreferredId = "7777777777777777";
    private const string PreferredToken = "00112233445566778899aabbccddeeff";

    [Fact]
    public void Unknown_tickets_are_no_violation_for_a_client()
    {
        using var pair = new QuicPair().Connect();

        Deliver(pair, toServer: false, FreshNumber, "0600080400000401020304");

        pair.Client.CloseReason.Should().BeNull();
    }

    [Fact]
    public void Retire_prior_to_makes_the_receiver_use_and_retire_other_ids()
    {
        using var pair = new QuicPair().Connect();
        pair.Run(TimeSpan.FromMilliseconds(100));

        Deliver(pair, toServer: true, FreshNumber, NewId(10, retirePriorTo: 10));
        byte[] answer = [];
        pair.Tap = (fromServer, _, bytes) =>
        {
            answer = fromServer ? bytes : answer;
            return true;
        };
        pair.Flush();

        pair.Server!.CloseReason.Should().BeNull();
        answer.AsSpan(1, 8).ToArray().Should().Equal(0, 0, 0, 0, 0, 0, 0, 10);
    }

    [Fact]
    public void Retired_id_is_replaced_by_a_new_one_and_routes_no_more()
    {
        using var pair = new QuicPair().Connect();
        pair.Run(TimeSpan.FromMilliseconds(100));
        var second = pair.Server!.LocalIds.Active[1];

        Deliver(pair, toServer: true, FreshNumber, "1901");

        pair.Server.CloseReason.Should().BeNull();
        pair.Server.LocalIds.Active.Should().HaveCount(3).And.NotContain(second);
        byte[] datagram = [0x40, .. second.Id.ToArray(), .. new byte[30]];
        pair.ServerEndpoint.TryRoute(datagram, out _).Should().BeFalse();
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Retire_prior_to_retires_the_id_of_a_preferred_address_too(int retirePriorTo)
    {
        using var pair = PairWithPreferredAddress();

        Deliver(pair, toServer: false, FreshNumber, NewId(retirePriorTo, retirePriorTo));

        pair.Client.CloseReason.Should().BeNull();
        pair.Client.PeerIds.Active.Should().ContainSingle().Which.Sequence.Should().Be(retirePriorTo);
        var retired = new List<long>();
        while (pair.Client.PeerIds.HasPending)
            retired.Add(pair.Client.PeerIds.TakePending());
        // RFC 9000 §5.1.1: the id of a preferred address has sequence number 1.
        retired.Should().BeEquivalentTo([0L, 1L]);
    }

    [Fact]
    public void Frame_that_gives_another_id_for_that_of_the_preferred_address_is_a_violation()
    {
        using var pair = PairWithPreferredAddress();

        Deliver(pair, toServer: false, FreshNumber, NewId(1, retirePriorTo: 0));

        pair.Client.CloseReason!.ErrorCode.Should().Be((ulong)QuicError.ProtocolViolation);
    }

    [Fact]
    public void Id_of_the_preferred_address_can_be_told_again()
    {
        using var pair = PairWithPreferredAddress();

        Deliver(pair, toServer: false, FreshNumber, "180100" + "08" + PreferredId + PreferredToken);

        pair.Client.CloseReason.Should().BeNull();
        pair.Client.PeerIds.Active.Count(static known => known.Sequence == 1).Should().Be(1);
    }

    [Fact]
    public void Random_frames_of_an_authenticated_peer_never_throw()
    {
        var random = new Random(6);
        for (var round = 0; round < 400; round++)
        {
            using var pair = new QuicPair(round).Connect();
            for (var index = 0; index < 20 && pair.Server!.CloseReason is null; index++)
            {
                var frames = new byte[random.Next(1, 60)];
                random.NextBytes(frames);
                frames[0] = (byte)random.Next(0x1f);
                pair.Server.Receive(
                    PacketForge.OneRtt(pair, true, FreshNumber + index, frames), 0, EcnCodepoint.NotEct, pair.Now);
                pair.Flush();
            }
        }
    }

    [Fact]
    public void Preferred_address_with_the_id_of_the_handshake_is_a_violation()
    {
        using var pair = new QuicPair(1, static settings => settings.Tls.Rewrite = static (isServer, encoded) =>
            isServer ? [.. encoded, .. PreferredAddress(SourceId(encoded))] : encoded);

        pair.RunUntil(() => pair.Client.CloseReason is not null, TimeSpan.FromSeconds(2)).Should().BeTrue();

        pair.Client.CloseReason!.ErrorCode.Should().Be((ulong)QuicError.TransportParameterError);
    }

    // The client is connected, and nothing of what the server sends then has come, its own ids among it.
    private static QuicPair PairWithPreferredAddress()
    {
        var pair = new QuicPair(1, static settings => settings.Tls.Rewrite = static (isServer, encoded) =>
            isServer ? [.. encoded, .. PreferredAddress(Convert.FromHexString(PreferredId))] : encoded);
        pair.Tap = (fromServer, _, _) => !fromServer || pair.Client.State != QuicConnectionState.Connected;
        pair.RunUntil(() => pair.Client.State == QuicConnectionState.Connected).Should().BeTrue();
        return pair;
    }

    private static byte[] PreferredAddress(byte[] id) =>
        [0x0d, 49, .. new byte[4 + 2 + 16 + 2], 8, .. id, .. Convert.FromHexString(PreferredToken)];

    private static byte[] SourceId(byte[] encoded) =>
        TransportParametersReader.TryRead(encoded, fromServer: true, out var parameters, out _)
            ? parameters.InitialSourceId!.Value.ToArray()
            : [];

    private static string NewId(int sequence, int retirePriorTo) =>
        $"18{sequence:x2}{retirePriorTo:x2}08{sequence:x16}{sequence:x32}";

    private static void Deliver(QuicPair pair, bool toServer, long number, string hex)
    {
        var receiver = toServer ? pair.Server! : pair.Client;
        receiver.Receive(
            PacketForge.OneRtt(pair, toServer, number, Convert.FromHexString(hex)), 0, EcnCodepoint.NotEct, pair.Now)
            .Should().BeTrue();
    }
}
