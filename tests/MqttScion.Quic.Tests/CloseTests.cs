namespace MqttScion.Quic.Tests;

public class CloseTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Close_tells_the_peer_code_and_reason_and_drains_both(bool byServer)
    {
        using var pair = new QuicPair().Connect();
        var (closer, other) = byServer ? (pair.Server!, pair.Client) : (pair.Client, pair.Server!);

        closer.Close(0x4d51, "done", pair.Now);
        pair.RunUntil(() => other.State == QuicConnectionState.Drained && closer.State == QuicConnectionState.Drained)
            .Should().BeTrue();

        closer.CloseReason.Should().Be(new QuicCloseReason(QuicCloseKind.LocalApplication, 0x4d51, null, "done"));
        other.CloseReason.Should().Be(new QuicCloseReason(QuicCloseKind.PeerApplication, 0x4d51, null, "done"));
        pair.ClientEvents.Select(item => item.Kind).Should().EndWith([QuicEventKind.Closed, QuicEventKind.Drained]);
        pair.ServerEvents.Select(item => item.Kind).Should().EndWith([QuicEventKind.Closed, QuicEventKind.Drained]);
        pair.ClientEndpoint.Connections.Should().BeEmpty();
        pair.ServerEndpoint.Connections.Should().BeEmpty();
    }

    [Fact]
    public void Bytes_that_came_before_a_close_can_be_read_after_draining()
    {
        using var pair = new QuicPair().Connect();
        pair.Client.TryOpenStream(true, out var stream).Should().BeTrue();
        stream!.Write([1, 2, 3]);
        pair.RunUntil(() => stream.IsEverythingAcknowledged).Should().BeTrue();
        pair.Server!.TryGetStream(stream.Id, out var received).Should().BeTrue();

        pair.Client.Close(0, "", pair.Now);
        pair.RunUntil(() => pair.Server.State == QuicConnectionState.Drained).Should().BeTrue();

        var room = new byte[4];
        received!.Read(room).Should().Be(3);
        room.Should().Equal(1, 2, 3, 0);
        stream.AcknowledgedBytes.Should().Be(3);
    }

    [Fact]
    public void Close_that_got_lost_is_repeated_to_a_peer_that_goes_on_sending()
    {
        var often = TimeSpan.FromMilliseconds(5);
        using var pair = new QuicPair(1, settings => settings.ClientOptions.KeepAliveInterval = often).Connect();
        pair.Links[0].IsDown = true;
        pair.Server!.Close(7, "", pair.Now);
        pair.Flush();
        pair.Links[0].IsDown = false;

        pair.RunUntil(() => pair.Client.CloseReason is not null).Should().BeTrue();
        pair.Client.CloseReason!.ErrorCode.Should().Be(7);
    }

    [Fact]
    public void Close_stays_on_its_path_whatever_comes_on_another()
    {
        using var pair = new QuicPair().Connect();
        pair.AddPath(7);
        pair.Server!.Close(1, "", pair.Now);
        pair.Flush();
        byte[] forged = [0x40, .. pair.Server.LocalIds.Initial.Id.ToArray(), .. new byte[40]];
        pair.Server.Receive(forged, 7, EcnCodepoint.NotEct, pair.Now).Should().BeFalse();

        pair.Server.TryTransmit(new byte[2000], 1, pair.Now, out var answer).Should().BeTrue();

        answer.PathId.Should().Be(0);
    }

    [Fact]
    public void Close_answers_ever_fewer_of_the_packets_that_still_come()
    {
        using var pair = new QuicPair().Connect();
        pair.Client.TryOpenStream(true, out var stream).Should().BeTrue();
        var sent = new List<byte[]>();
        pair.Tap = (fromServer, _, bytes) =>
        {
            if (!fromServer)
                sent.Add(bytes.ToArray());
            return false;
        };
        for (var index = 0; index < 100; index++)
        {
            stream!.Write([1]);
            pair.Flush();
        }

        pair.Server!.Close(1, "", pair.Now);
        pair.Flush();
        var answers = 0;
        pair.Tap = (fromServer, _, _) =>
        {
            answers += fromServer ? 1 : 0;
            return true;
        };
        foreach (var bytes in sent)
        {
            pair.Server.Receive(bytes, 0, EcnCodepoint.NotEct, pair.Now);
            pair.Flush();
        }

        sent.Should().HaveCountGreaterThan(60);
        answers.Should().BeInRange(6, 7);
    }

    [Fact]
    public void Close_before_the_handshake_is_done_hides_the_applications_code()
    {
        using var pair = new QuicPair();
        pair.RunUntil(() => pair.Server is not null).Should().BeTrue();

        pair.Server!.Close(0x1234, "secret", pair.Now);
        pair.RunUntil(() => pair.Client.CloseReason is not null).Should().BeTrue();

        pair.Client.CloseReason.Should().Be(
            new QuicCloseReason(QuicCloseKind.PeerTransport, (ulong)QuicError.ApplicationError, 0, ""));
    }

    [Fact]
    public void Server_that_rejects_the_hello_closes_with_the_alert()
    {
        using var pair = new QuicPair(1, settings => settings.Tls.Rejection = 40);

        pair.RunUntil(() => pair.Client.CloseReason is not null).Should().BeTrue();

        pair.Client.CloseReason!.Kind.Should().Be(QuicCloseKind.PeerTransport);
        pair.Client.CloseReason.ErrorCode.Should().Be(0x128);
        pair.Client.CloseReason.Reason.Should().Be("the server rejects");
    }

    [Fact]
    public void Server_that_rejects_the_certificate_leaves_the_client_unconfirmed()
    {
        using var pair = new QuicPair(1, settings => settings.Tls.LateRejection = 42);

        pair.RunUntil(() => pair.Client.CloseReason is not null).Should().BeTrue();

        pair.ClientEvents.Should().Contain(item => item.Kind == QuicEventKind.HandshakeCompleted);
        pair.ClientEvents.Should().NotContain(item => item.Kind == QuicEventKind.HandshakeConfirmed);
        pair.Client.CloseReason!.ErrorCode.Should().Be(0x12a);
    }

    [Fact]
    public void Handshake_without_an_application_protocol_closes()
    {
        using var pair = new QuicPair(1, settings => settings.Tls.ApplicationProtocol = null);

        pair.RunUntil(() => pair.Client.CloseReason is not null).Should().BeTrue();

        pair.Client.CloseReason!.ErrorCode.Should().Be((ulong)QuicError.CryptoNoApplicationProtocol);
    }

    [Fact]
    public void Handshake_without_transport_parameters_closes()
    {
        using var pair = new QuicPair(1, settings => settings.Tls.WithoutParameters = true);

        pair.RunUntil(() => pair.Client.CloseReason is not null).Should().BeTrue();

        pair.Client.CloseReason!.ErrorCode.Should().Be((ulong)QuicError.CryptoMissingExtension);
    }

    [Theory]
    [InlineData(0x00, true)]
    [InlineData(0x0f, true)]
    [InlineData(0x0f, false)]
    public void Handshake_with_another_connection_id_in_the_parameters_closes(ulong id, bool ofServer)
    {
        using var pair = new QuicPair(1, settings => settings.Tls.Rewrite = (isServer, encoded) =>
            isServer == ofServer ? EncodedParameters.Flipped(encoded, id) : encoded);

        pair.RunUntil(() => pair.Client.CloseReason is not null).Should().BeTrue();

        pair.Client.CloseReason!.ErrorCode.Should().Be((ulong)QuicError.TransportParameterError);
    }

    [Fact]
    public void Stateless_reset_ends_the_connection_without_an_answer()
    {
        using var pair = new QuicPair().Connect();
        var reset = Transfer.RandomBytes(60, seed: 1);
        reset[0] = 0x45;
        pair.Server!.LocalIds.Initial.Token.CopyTo(reset, reset.Length - 16);

        pair.ClientEndpoint.TryRoute(reset, out var routed).Should().BeTrue();
        routed!.Receive(reset, 0, EcnCodepoint.NotEct, pair.Now).Should().BeFalse();

        pair.Client.CloseReason!.Kind.Should().Be(QuicCloseKind.StatelessReset);
        pair.Client.TryTransmit(new byte[2000], 1, pair.Now, out _).Should().BeFalse();
    }

    [Fact]
    public void Streams_of_a_closed_connection_take_nothing()
    {
        using var pair = new QuicPair().Connect();
        pair.Client.TryOpenStream(true, out var stream).Should().BeTrue();

        pair.Client.Close(0, "", pair.Now);

        stream!.Write([1]).Should().Be(0);
        stream.Read(new byte[1]).Should().Be(0);
        stream.Finish();
        stream.Reset(1);
        pair.Client.TryOpenStream(true, out _).Should().BeFalse();
    }
}
