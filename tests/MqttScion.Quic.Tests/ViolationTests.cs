namespace MqttScion.Quic.Tests;

/// <summary>What an authenticated peer may do at the edge of the rules.</summary>
public class ViolationTests
{
    private const long FreshNumber = 5000;

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
