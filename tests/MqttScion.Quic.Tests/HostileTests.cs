using System.Buffers.Binary;

namespace MqttScion.Quic.Tests;

public class HostileTests
{
    [Fact]
    public void Mutated_datagrams_never_throw_and_never_kill_the_connection()
    {
        using var pair = new QuicPair(11).Connect();
        pair.EchoOnServer();
        var random = new Random(11);
        pair.Tap = (fromServer, _, bytes) =>
        {
            var receiver = fromServer ? pair.Client : pair.Server!;
            for (var round = 0; round < 8; round++)
                receiver.Receive(Mutate(bytes, random), 0, EcnCodepoint.NotEct, pair.Now);
            return true;
        };
        var data = Transfer.RandomBytes(60_000, seed: 1);

        pair.Echo(data).Should().Equal(data);
        pair.Client.CloseReason.Should().BeNull();
        pair.Server!.CloseReason.Should().BeNull();
        pair.Client.Statistics.DroppedPackets.Should().BePositive();
    }

    [Fact]
    public void Mutated_datagrams_during_the_handshake_never_throw_and_never_kill_it()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            using var pair = new QuicPair(seed);
            var random = new Random(seed);
            pair.Tap = (fromServer, _, bytes) =>
            {
                // A forged version negotiation may end a client: nothing in it is authentic.
                for (var round = 0; round < 5 && bytes.AsSpan(1, 4).ContainsAnyExcept((byte)0); round++)
                    pair.Inject(toServer: !fromServer, Mutate(bytes, random));
                return true;
            };

            pair.RunUntil(() => pair.Client.IsHandshakeConfirmed, TimeSpan.FromSeconds(9)).Should().BeTrue();
        }
    }

    [Fact]
    public void Datagram_cut_off_at_each_length_never_throws()
    {
        using var pair = new QuicPair().Connect();
        byte[] sent = [];
        pair.Tap = (_, _, bytes) =>
        {
            sent = bytes.ToArray();
            return false;
        };
        pair.Client.TryOpenStream(true, out var stream).Should().BeTrue();
        stream!.Write(new byte[500]);
        pair.Flush();

        for (var length = 0; length < sent.Length; length++)
        {
            var start = sent.AsSpan(0, length).ToArray();
            pair.Server!.Receive(start, 0, EcnCodepoint.NotEct, pair.Now).Should().BeFalse();
            pair.ServerEndpoint.TryRoute(start, out _);
            pair.TryAccept(pair.ServerEndpoint, start, 0, out _, out _).Should().BeFalse();
        }

        pair.Server!.Receive(sent, 0, EcnCodepoint.NotEct, pair.Now).Should().BeTrue();
    }

    [Fact]
    public void Datagram_that_comes_twice_counts_once()
    {
        using var pair = new QuicPair().Connect();
        byte[] sent = [];
        pair.Tap = (_, _, bytes) =>
        {
            sent = bytes.ToArray();
            return true;
        };
        pair.Client.TryOpenStream(true, out var stream).Should().BeTrue();
        stream!.Write(new byte[500]);
        pair.Flush();
        var again = sent.ToArray();

        pair.Server!.Receive(sent, 0, EcnCodepoint.NotEct, pair.Now).Should().BeTrue();
        pair.Server.Receive(again, 0, EcnCodepoint.NotEct, pair.Now).Should().BeFalse();
    }

    [Fact]
    public void Forged_first_datagram_leaves_no_connection_behind()
    {
        using var pair = new QuicPair();
        byte[] first = [];
        pair.Tap = (_, _, bytes) =>
        {
            first = bytes.ToArray();
            return false;
        };
        pair.Flush();
        first[^1] ^= 1;

        pair.TryAccept(pair.ServerEndpoint, first, 0, out _, out var answer).Should().BeFalse();

        answer.Should().BeEmpty();
        pair.ServerEndpoint.Connections.Should().BeEmpty();
        first[^1] ^= 1;
        pair.TryAccept(pair.ServerEndpoint, first, 0, out _, out _).Should().BeTrue();
        pair.TryAccept(pair.ServerEndpoint, first[..1199], 0, out _, out _).Should().BeFalse();
    }

    [Fact]
    public void Endpoint_that_is_full_refuses_in_an_Initial()
    {
        using var pair = new QuicPair(1, settings => settings.ServerOptions.MaxConnections = 1).Connect();
        byte[] first = [];
        pair.Tap = (_, _, bytes) =>
        {
            first = bytes.ToArray();
            return false;
        };
        using var other = pair.ClientEndpoint.Connect("other", 0, 1350, 0, pair.Now);
        var room = new byte[2000];
        other.TryTransmit(room, 1, pair.Now, out var transmit).Should().BeTrue();
        first = room[..transmit.Length];

        pair.TryAccept(pair.ServerEndpoint, first, 0, out _, out var answer).Should().BeFalse();
        other.Receive(answer, 0, EcnCodepoint.NotEct, pair.Now).Should().BeTrue();
        other.CloseReason!.ErrorCode.Should().Be((ulong)QuicError.ConnectionRefused);
    }

    [Fact]
    public void Version_negotiation_answers_an_unknown_version_and_ends_the_client()
    {
        using var pair = new QuicPair();
        byte[] first = [];
        pair.Tap = (fromServer, _, bytes) =>
        {
            first = bytes.ToArray();
            return false;
        };
        pair.Flush();
        var unknown = first.ToArray();
        unknown[1] = 0x1a;
        pair.TryAccept(pair.ServerEndpoint, unknown, 0, out _, out var answer).Should().BeFalse();
        answer.Should().HaveCount(1 + 4 + 1 + 8 + 1 + 8 + 4 + 4);
        (BinaryPrimitives.ReadUInt32BigEndian(answer.AsSpan(23)) & 0x0f0f0f0f).Should().Be(0x0a0a0a0a);

        // A list with version 1 can't be an honest answer; one without it is.
        pair.Client.Receive(answer.ToArray(), 0, EcnCodepoint.NotEct, pair.Now);
        pair.Client.CloseReason.Should().BeNull();
        answer[^1] = 9;
        pair.Client.Receive(answer, 0, EcnCodepoint.NotEct, pair.Now);

        pair.Client.CloseReason!.ErrorCode.Should().Be((ulong)QuicError.VersionNegotiationError);
        pair.Client.State.Should().Be(QuicConnectionState.Drained);
    }

    [Fact]
    public void Retry_makes_the_client_start_over_with_the_token()
    {
        using var pair = new QuicPair();
        byte[] first = [];
        pair.Tap = (_, _, bytes) =>
        {
            first = bytes.ToArray();
            return false;
        };
        pair.Flush();
        PacketHeader.TryRead(first, 8, out var header).Should().BeTrue();
        byte[] retry = [0xf0, 0, 0, 0, 1, 8, .. header.SourceId, 4, 1, 2, 3, 4, 0xAA, 0xBB, 0xCC];
        var tag = new byte[16];
        KeySchedule.RetryIntegrityTag(header.DestinationId, retry, tag);
        byte[] forged = [.. retry, .. tag[..15], (byte)(tag[15] ^ 1)];
        byte[] real = [.. retry, .. tag];

        pair.Client.Receive(forged, 0, EcnCodepoint.NotEct, pair.Now).Should().BeFalse();
        pair.Client.Receive(real, 0, EcnCodepoint.NotEct, pair.Now).Should().BeTrue();
        pair.Flush();

        PacketHeader.TryRead(first, 8, out var second).Should().BeTrue();
        second.DestinationId.ToArray().Should().Equal(1, 2, 3, 4);
        second.Token.ToArray().Should().Equal(0xAA, 0xBB, 0xCC);
    }

    private static byte[] Mutate(byte[] bytes, Random random)
    {
        var copy = bytes.ToArray();
        switch (random.Next(4))
        {
            case 0:
                return copy[..random.Next(copy.Length)];
            case 1:
                copy[random.Next(copy.Length)] ^= (byte)(1 << random.Next(8));
                return copy;
            case 2:
                copy[random.Next(Math.Min(30, copy.Length))] = (byte)random.Next(256);
                return copy;
            default:
                random.NextBytes(copy.AsSpan(random.Next(copy.Length)));
                return copy;
        }
    }
}
