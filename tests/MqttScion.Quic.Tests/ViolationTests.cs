namespace MqttScion.Quic.Tests;

/// <summary>What an authenticated peer must not do, and the code that it gets for it.</summary>
public class ViolationTests
{
    private const long FreshNumber = 5000;

    [Theory]
    [InlineData("1f", QuicError.FrameEncodingError)] // unknown frame
    [InlineData("02bfffffff000000", QuicError.ProtocolViolation)] // ACK of what was never sent
    [InlineData("1e", QuicError.ProtocolViolation)] // HANDSHAKE_DONE from a client
    [InlineData("0701aa", QuicError.ProtocolViolation)] // NEW_TOKEN from a client
    [InlineData("0a01024142", QuicError.StreamStateError)] // data on a stream that the server did not open
    [InlineData("0a03024142", QuicError.StreamStateError)] // data on a stream that only the server sends on
    [InlineData("0a02024142", QuicError.StreamLimitError)] // no unidirectional streams are permitted
    [InlineData("0a40c0024142", QuicError.StreamLimitError)] // stream 192 is beyond 16 streams
    [InlineData("0e0080100000024142", QuicError.FlowControlError)] // beyond the window of the stream
    [InlineData("0b000241420e00020141", QuicError.FinalSizeError)] // data beyond the end
    [InlineData("0b000241420b000141", QuicError.FinalSizeError)] // another end
    [InlineData("0a00024142" + "04000001", QuicError.FinalSizeError)] // reset at 1 after 2 bytes
    [InlineData("110101", QuicError.StreamStateError)] // MAX_STREAM_DATA for a stream that was not opened
    [InlineData("050100", QuicError.StreamStateError)] // STOP_SENDING for a stream that was not opened
    [InlineData("1907", QuicError.ProtocolViolation)] // RETIRE_CONNECTION_ID of an id that was not issued
    [InlineData("1900", QuicError.ProtocolViolation)] // RETIRE_CONNECTION_ID of the id of this packet
    [InlineData("060001" + "18", QuicError.CryptoUnexpectedMessage)] // a TLS KeyUpdate
    [InlineData("06800200000141", QuicError.CryptoBufferExceeded)] // CRYPTO data far ahead
    [InlineData("18000008010203040506070800000000000000000000000000000000", QuicError.ProtocolViolation)]
    public void Frame_against_the_rules_closes_with_its_code(string hex, QuicError expected)
    {
        using var pair = new QuicPair().Connect();

        Deliver(pair, toServer: true, FreshNumber, hex);

        pair.Server!.CloseReason!.Kind.Should().Be(QuicCloseKind.LocalTransport);
        ((QuicError)pair.Server.CloseReason.ErrorCode).Should().Be(expected);
        pair.RunUntil(() => pair.Client.CloseReason is not null).Should().BeTrue();
        pair.Client.CloseReason!.Kind.Should().Be(QuicCloseKind.PeerTransport);
        pair.Client.CloseReason.ErrorCode.Should().Be((ulong)expected);
    }

    [Fact]
    public void Reserved_bits_that_are_set_close_with_a_protocol_violation()
    {
        using var pair = new QuicPair().Connect();

        pair.Server!.Receive(
            PacketForge.OneRtt(pair, true, FreshNumber, [1], firstByteBits: 0x18), 0, EcnCodepoint.NotEct, pair.Now);

        pair.Server.CloseReason!.ErrorCode.Should().Be((ulong)QuicError.ProtocolViolation);
    }

    [Fact]
    public void Stream_frame_in_a_Handshake_packet_closes_with_a_protocol_violation()
    {
        using var pair = new QuicPair();
        pair.Tap = (fromServer, _, bytes) => fromServer || bytes[0] >> 4 == 0x0c;
        pair.RunUntil(() => pair.Client.State == QuicConnectionState.Connected).Should().BeTrue();

        var packet = PacketForge.Handshake(
            pair, pair.Client.LocalIds.Initial.Id, FreshNumber, Convert.FromHexString("0a00024142"));
        pair.Server!.Receive(packet, 0, EcnCodepoint.NotEct, pair.Now);

        pair.Server.CloseReason!.ErrorCode.Should().Be((ulong)QuicError.ProtocolViolation);
    }

    [Fact]
    public void Unknown_tickets_are_no_violation_for_a_client()
    {
        using var pair = new QuicPair().Connect();

        Deliver(pair, toServer: false, FreshNumber, "0600080400000401020304");

        pair.Client.CloseReason.Should().BeNull();
    }

    [Fact]
    public void More_connection_ids_than_permitted_close_with_their_code()
    {
        using var pair = new QuicPair().Connect();

        for (var index = 10; index < 20 && pair.Server!.CloseReason is null; index++)
            Deliver(pair, toServer: true, FreshNumber + index, NewId(index, retirePriorTo: 0));

        pair.Server!.CloseReason!.ErrorCode.Should().Be((ulong)QuicError.ConnectionIdLimitError);
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
