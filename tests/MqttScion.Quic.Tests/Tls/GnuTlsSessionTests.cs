namespace MqttScion.Quic.Tests;

/// <summary>Handshakes that succeed.</summary>
public class GnuTlsSessionTests(TlsFixture fixture) : IClassFixture<TlsFixture>
{
    private const string AnySuite = "NORMAL:-VERS-ALL:+VERS-TLS1.3:%DISABLE_TLS13_COMPAT_MODE";

    [Fact]
    public void Handshake_of_both_sides_completes_with_parameters_protocol_and_certificates()
    {
        using var pair = fixture.Pair().Run();

        pair.Client.Tls.Failure.Should().BeNull();
        pair.Server.Tls.Failure.Should().BeNull();
        pair.IsComplete.Should().BeTrue();
        pair.Client.Tls.ApplicationProtocol.Should().Be("mqtt");
        pair.Server.Tls.ApplicationProtocol.Should().Be("mqtt");
        pair.Client.Tls.PeerTransportParameters.Should().Equal(TlsPair.ServerParameters);
        pair.Server.Tls.PeerTransportParameters.Should().Equal(TlsPair.ClientParameters);
        pair.Client.Tls.PeerCertificate.Should().Equal(fixture.Server.Certificate);
        pair.Server.Tls.PeerCertificate.Should().Equal(fixture.Client.Certificate);
    }

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(7)]
    [InlineData(1)]
    public void Handshake_in_fragments_gives_both_sides_the_same_secrets(int fragmentLength)
    {
        using var pair = fixture.Pair().Run(fragmentLength);

        pair.IsComplete.Should().BeTrue();
        AssertSecretsMatch(pair, QuicCipherSuite.Aes128GcmSha256);
    }

    [Theory]
    [InlineData("AES-128-GCM", QuicCipherSuite.Aes128GcmSha256)]
    [InlineData("AES-256-GCM", QuicCipherSuite.Aes256GcmSha384)]
    [InlineData("CHACHA20-POLY1305", QuicCipherSuite.ChaCha20Poly1305Sha256)]
    public void Handshake_with_each_suite_gives_secrets_of_its_length(string cipher, QuicCipherSuite suite)
    {
        var tuning = new GnuTlsTuning { Priority = $"{AnySuite}:-CIPHER-ALL:+{cipher}" };
        using var pair = fixture.Pair(clientTuning: tuning).Run();

        pair.IsComplete.Should().BeTrue();
        AssertSecretsMatch(pair, suite);
    }

    [Fact]
    public void Server_reads_application_data_only_after_the_client_finished()
    {
        using var pair = fixture.Pair();
        pair.Start();
        TlsPair.Deliver(pair.Client, pair.Server);
        TlsPair.Deliver(pair.Server, pair.Client);

        pair.Client.Tls.IsComplete.Should().BeTrue("the client cannot know yet whether the server accepts it");
        pair.Server.Tls.IsComplete.Should().BeFalse();
        pair.Server.WriteSecret(EncryptionLevel.Application).Should().NotBeNull();
        pair.Server.ReadSecret(EncryptionLevel.Application).Should().BeNull();

        TlsPair.Deliver(pair.Client, pair.Server);
        pair.Server.TryTake(out _, out _);
        pair.Server.Tls.IsComplete.Should().BeTrue();
        pair.Server.ReadSecret(EncryptionLevel.Application).Should().NotBeNull();
    }

    [Fact]
    public void Handshake_with_hello_retry_request_completes()
    {
        const string Groups = "%DISABLE_TLS13_COMPAT_MODE:-GROUP-ALL";
        using var pair = fixture.Pair(
            clientTuning: new GnuTlsTuning { Priority = $"{AnySuite}:{Groups}:+GROUP-X25519:+GROUP-SECP256R1" },
            serverTuning: new GnuTlsTuning { Priority = $"{AnySuite}:{Groups}:+GROUP-SECP256R1" });
        pair.Run();

        pair.IsComplete.Should().BeTrue();
        pair.Client.Sent.Count(sent => sent.Level == EncryptionLevel.Initial).Should().Be(2, "two ClientHellos");
        pair.Client.Tls.PeerTransportParameters.Should().Equal(TlsPair.ServerParameters);
        pair.Server.Tls.PeerTransportParameters.Should().Equal(TlsPair.ClientParameters);
    }

    [Fact]
    public void Server_sends_no_ticket()
    {
        using var pair = fixture.Pair().Run();

        pair.Server.Sent.Should().NotContain(sent => sent.Level == EncryptionLevel.Application);
    }

    [Fact]
    public void ClientHello_has_an_empty_session_id()
    {
        using var pair = fixture.Pair();
        pair.Start();
        pair.Client.TryTake(out var level, out var hello).Should().BeTrue();

        level.Should().Be(EncryptionLevel.Initial);
        hello[4 + 2 + 32].Should().Be(0, "RFC 9001 §8.4 forbids the compatibility mode");
    }

    [Fact]
    public void Handshake_with_empty_transport_parameters_completes()
    {
        using var pair = fixture.Pair();
        pair.Server.Tls.TryStart([]);
        pair.Client.Tls.TryStart([]);
        TlsPair.Deliver(pair.Client, pair.Server);
        TlsPair.Deliver(pair.Server, pair.Client);
        TlsPair.Deliver(pair.Client, pair.Server);

        pair.IsComplete.Should().BeTrue();
        pair.Server.Tls.PeerTransportParameters.Should().BeEmpty();
    }

    [Fact]
    public void Handshake_chooses_the_first_protocol_that_both_have()
    {
        var options = fixture.Options(fixture.Client);
        options.ApplicationProtocols = ["other", "mqtt"];
        using var pair = fixture.Pair(client: options).Run();

        pair.Server.Tls.ApplicationProtocol.Should().Be("mqtt");
        pair.Client.Tls.ApplicationProtocol.Should().Be("mqtt");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Server_that_does_not_require_a_certificate_completes_without_one(bool hasTrust)
    {
        var options = fixture.Options(fixture.Server);
        options.RequireClientCertificate = false;
        options.TrustedCertificatesPem = hasTrust ? options.TrustedCertificatesPem : null;
        using var pair = fixture.Pair(client: fixture.Options(identity: null), server: options).Run();

        pair.IsComplete.Should().BeTrue();
        pair.Server.Tls.PeerCertificate.Should().BeNull();
    }

    [Fact]
    public void Server_that_does_not_require_a_certificate_takes_the_one_that_comes()
    {
        var options = fixture.Options(fixture.Server);
        options.RequireClientCertificate = false;
        using var pair = fixture.Pair(server: options).Run();

        pair.IsComplete.Should().BeTrue();
        pair.Server.Tls.PeerCertificate.Should().Equal(fixture.Client.Certificate);
    }

    [Fact]
    public void Factory_serves_handshakes_on_several_threads()
    {
        using var clients = new GnuTlsFactory(fixture.Options(fixture.Client));
        using var servers = new GnuTlsFactory(fixture.Options(fixture.Server));
        var completed = 0;
        Parallel.For(0, 40, new ParallelOptions { MaxDegreeOfParallelism = 4 }, _ =>
        {
            using var pair = new TlsPair(clients.CreateClient(TlsFixture.ServerName), servers.CreateServer()).Run();
            if (pair.IsComplete)
            {
                Interlocked.Increment(ref completed);
            }
        });

        completed.Should().Be(40);
    }

    [Fact]
    public void Session_that_nobody_disposed_is_collected_with_its_native_memory()
    {
        using var clients = new GnuTlsFactory(fixture.Options(fixture.Client));
        var session = AbandonSession(clients);

        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();

        session.TryGetTarget(out _).Should().BeFalse();
    }

    [Fact]
    public void Session_after_disposal_refuses_calls_and_a_second_disposal_does_nothing()
    {
        using var pair = fixture.Pair();
        pair.Client.Dispose();
        pair.Client.Dispose();

        var act = () => pair.Client.Tls.TryStart([]);

        act.Should().Throw<ObjectDisposedException>();
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static WeakReference<IQuicTls> AbandonSession(GnuTlsFactory clients)
    {
        var session = clients.CreateClient(TlsFixture.ServerName);
        session.TryStart([1]);
        return new WeakReference<IQuicTls>(session);
    }

    private static void AssertSecretsMatch(TlsPair pair, QuicCipherSuite suite)
    {
        foreach (var level in new[] { EncryptionLevel.Handshake, EncryptionLevel.Application })
        {
            pair.Client.ReadSecret(level).Should().HaveCount(KeySchedule.SecretLength(suite));
            pair.Client.ReadSecret(level).Should().Equal(pair.Server.WriteSecret(level));
            pair.Server.ReadSecret(level).Should().Equal(pair.Client.WriteSecret(level));
        }

        pair.Client.Secrets.Concat(pair.Server.Secrets).Should().OnlyContain(secrets => secrets.Suite == suite);
    }
}
