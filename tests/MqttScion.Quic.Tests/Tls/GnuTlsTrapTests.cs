namespace MqttScion.Quic.Tests;

/// <summary>What GnuTLS would let through or get wrong, and the session must not.</summary>
public class GnuTlsTrapTests(TlsFixture fixture) : IClassFixture<TlsFixture>
{
    private static readonly byte[] KeyUpdate = [24, 0, 0, 1, 0];

    [Theory]
    [InlineData(EncryptionLevel.EarlyData)]
    [InlineData(EncryptionLevel.Handshake)]
    [InlineData(EncryptionLevel.Application)]
    public void Server_at_the_start_refuses_bytes_of_another_level(EncryptionLevel level)
    {
        using var pair = fixture.Pair();
        pair.Start();
        pair.Client.TryTake(out _, out var hello);

        pair.Server.Tls.TryReadHandshake(level, hello).Should().BeFalse();

        AssertFailed(pair.Server, TlsAlert.UnexpectedMessage, "expected Initial");
    }

    [Fact]
    public void Client_that_reads_handshake_level_refuses_initial_bytes()
    {
        using var pair = fixture.Pair();
        pair.Start();
        TlsPair.Deliver(pair.Client, pair.Server);
        pair.Server.TryTake(out var level, out var serverHello);
        pair.Client.Tls.TryReadHandshake(level, serverHello).Should().BeTrue();

        pair.Client.Tls.TryReadHandshake(EncryptionLevel.Initial, [2]).Should().BeFalse();

        AssertFailed(pair.Client, TlsAlert.UnexpectedMessage, "at level Initial, expected Handshake");
    }

    [Fact]
    public void Bytes_after_the_message_that_changes_the_level_are_refused()
    {
        using var pair = fixture.Pair();
        pair.Start();
        TlsPair.Deliver(pair.Client, pair.Server);
        pair.Server.TryTake(out _, out var serverHello);
        pair.Server.TryTake(out _, out var encryptedExtensions);

        pair.Client.Tls.TryReadHandshake(EncryptionLevel.Initial, [.. serverHello, .. encryptedExtensions])
            .Should().BeFalse("RFC 9001 §4.1.3: they came unprotected");

        AssertFailed(pair.Client, TlsAlert.UnexpectedMessage, "expected Handshake");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Key_update_message_after_the_handshake_is_refused(bool toServer)
    {
        using var pair = fixture.Pair().Run();
        var end = toServer ? pair.Server : pair.Client;

        end.Tls.TryReadHandshake(EncryptionLevel.Application, KeyUpdate).Should().BeFalse();

        AssertFailed(end, TlsAlert.UnexpectedMessage, "type 24");
        end.Tls.TryTakeSecrets(out _).Should().BeFalse("TLS must not rotate keys");
    }

    [Fact]
    public void Key_update_message_during_the_handshake_is_refused()
    {
        using var pair = fixture.Pair();
        pair.Start();
        TlsPair.Deliver(pair.Client, pair.Server);
        pair.Server.TryTake(out var level, out var serverHello);
        pair.Client.Tls.TryReadHandshake(level, serverHello);

        pair.Client.Tls.TryReadHandshake(EncryptionLevel.Handshake, KeyUpdate).Should().BeFalse();

        AssertFailed(pair.Client, TlsAlert.UnexpectedMessage, "type 24");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(13)]
    [InlineData(20)]
    [InlineData(255)]
    public void Client_after_the_handshake_refuses_all_but_tickets(byte type)
    {
        using var pair = fixture.Pair().Run();

        pair.Client.Tls.TryReadHandshake(EncryptionLevel.Application, [type, 0, 0, 0]).Should().BeFalse();

        AssertFailed(pair.Client, TlsAlert.UnexpectedMessage, $"type {type}");
    }

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(3)]
    public void Client_after_the_handshake_takes_tickets(int fragmentLength)
    {
        using var pair = fixture.Pair().Run();
        var tickets = Ticket().Concat(Ticket()).ToArray();
        foreach (var fragment in tickets.Chunk(Math.Min(fragmentLength, tickets.Length)))
        {
            pair.Client.Tls.TryReadHandshake(EncryptionLevel.Application, fragment).Should().BeTrue();
        }

        pair.Client.Tls.Failure.Should().BeNull();
        pair.Client.Tls.TryWriteHandshake(out _, out _).Should().BeFalse();
    }

    [Fact]
    public void Client_refuses_a_malformed_ticket()
    {
        using var pair = fixture.Pair().Run();

        pair.Client.Tls.TryReadHandshake(EncryptionLevel.Application, [4, 0, 0, 2, 1, 2]).Should().BeFalse();

        pair.Client.Tls.Failure.Should().NotBeNull();
    }

    [Fact]
    public void Server_refuses_a_ticket()
    {
        using var pair = fixture.Pair().Run();

        pair.Server.Tls.TryReadHandshake(EncryptionLevel.Application, Ticket()).Should().BeFalse();

        AssertFailed(pair.Server, TlsAlert.UnexpectedMessage, "type 4");
    }

    [Fact]
    public void Server_refuses_a_client_without_transport_parameters()
    {
        using var pair = fixture.Pair(clientTuning: new GnuTlsTuning { SendsTransportParameters = false }).Run();

        AssertFailed(pair.Server, TlsAlert.MissingExtension, "no QUIC transport parameters");
        pair.Server.Sent.Should().BeEmpty();
    }

    [Fact]
    public void Client_refuses_a_server_without_transport_parameters()
    {
        using var pair = fixture.Pair(serverTuning: new GnuTlsTuning { SendsTransportParameters = false }).Run();

        AssertFailed(pair.Client, TlsAlert.MissingExtension, "no QUIC transport parameters");
        pair.Client.ReadSecret(EncryptionLevel.Application).Should().BeNull();
    }

    [Fact]
    public void Server_refuses_a_client_without_application_protocol()
    {
        using var pair = fixture.Pair(clientTuning: new GnuTlsTuning { SendsApplicationProtocols = false }).Run();

        AssertFailed(pair.Server, TlsAlert.NoApplicationProtocol, "no common application protocol");
        pair.Server.Sent.Should().BeEmpty();
    }

    [Fact]
    public void Client_refuses_a_server_without_application_protocol()
    {
        var odd = new GnuTlsTuning { SendsApplicationProtocols = false, RequiresApplicationProtocol = false };
        using var pair = fixture.Pair(serverTuning: odd).Run();

        AssertFailed(pair.Client, TlsAlert.NoApplicationProtocol, "no common application protocol");
    }

    [Fact]
    public void Server_refuses_a_client_with_another_application_protocol()
    {
        var options = fixture.Options(fixture.Client);
        options.ApplicationProtocols = ["h3"];
        using var pair = fixture.Pair(client: options).Run();

        AssertFailed(pair.Server, TlsAlert.NoApplicationProtocol, "the peer has none of mqtt");
    }

    [Fact]
    public void Message_that_announces_more_than_the_bound_is_refused_at_its_header()
    {
        using var pair = fixture.Pair();
        pair.Start();

        pair.Server.Tls.TryReadHandshake(EncryptionLevel.Initial, [1, 0xff, 0xff, 0xff]).Should().BeFalse();

        AssertFailed(pair.Server, TlsAlert.DecodeError, "longer than 65536 bytes");
    }

    [Fact]
    public void First_failure_stays_and_nothing_comes_out_any_more()
    {
        using var pair = fixture.Pair(client: fixture.Options(identity: null)).Run();
        var first = pair.Server.Tls.Failure;

        pair.Server.Tls.TryReadHandshake(EncryptionLevel.Handshake, KeyUpdate).Should().BeFalse();
        pair.Server.Tls.TryReadHandshake(EncryptionLevel.Initial, KeyUpdate).Should().BeFalse();

        pair.Server.Tls.Failure.Should().BeSameAs(first);
        first!.Alert.Should().Be((byte)TlsAlert.CertificateRequired);
        pair.Server.Tls.TryWriteHandshake(out _, out _).Should().BeFalse();
        pair.Server.Tls.TryTakeSecrets(out _).Should().BeFalse();
    }

    [Fact]
    public void Reading_before_the_start_and_starting_twice_are_our_own_mistakes()
    {
        using var pair = fixture.Pair();
        var read = () => pair.Server.Tls.TryReadHandshake(EncryptionLevel.Initial, [1]);
        var start = () => pair.Server.Tls.TryStart([]);

        read.Should().Throw<InvalidOperationException>();
        start().Should().BeTrue();
        start.Should().Throw<InvalidOperationException>();
    }

    [Fact]
    public void Handshake_with_any_byte_changed_never_throws_and_never_completes_on_both_sides()
    {
        var random = new Random(3);
        for (var round = 0; round < 150; round++)
        {
            using var pair = fixture.Pair();
            pair.Start();
            var target = random.Next(10);
            var index = 0;
            var changed = false;
            bool Pump(TlsEnd from, TlsEnd to)
            {
                var moved = false;
                while (from.TryTake(out var level, out var bytes))
                {
                    moved = true;
                    if (index++ == target)
                    {
                        bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                        changed = true;
                    }

                    if (!to.Tls.TryReadHandshake(level, bytes))
                    {
                        return false;
                    }
                }

                return moved;
            }

            while (Pump(pair.Client, pair.Server) | Pump(pair.Server, pair.Client))
            {
            }

            (changed && pair.IsComplete).Should().BeFalse("round {0}, message {1}", round, target);
        }
    }

    // lifetime 1 h, age_add, nonce, ticket, no extensions (RFC 8446 §4.6.1).
    private static byte[] Ticket() =>
        [4, 0, 0, 20, 0, 0, 14, 16, 1, 2, 3, 4, 2, 7, 7, 0, 5, 9, 9, 9, 9, 9, 0, 0];

    private static void AssertFailed(TlsEnd end, TlsAlert alert, string reason)
    {
        end.Tls.Failure.Should().NotBeNull();
        end.Tls.Failure!.Reason.Should().Contain(reason);
        ((TlsAlert)end.Tls.Failure.Alert).Should().Be(alert);
    }
}
