namespace MqttScion.Quic.Tests;

/// <summary>
/// Certificates that must not be accepted, through whole connections: nothing of the application gets through in
/// either direction, and both sides learn the alert.
/// </summary>
public sealed class CertificateTableTests(TlsFixture fixture) : IClassFixture<TlsFixture>
{
    private const ulong CryptoError = 0x100;

    private static readonly Dictionary<string, Bad> Table = new Bad[]
    {
        new("server that expired", OfServer: true, TlsAlert.CertificateExpired, static (ca, leaf) => ca.Issue(leaf with
        {
            ValidFrom = TimeSpan.FromHours(-2), ValidUntil = TimeSpan.FromHours(-1),
        })),
        new("server that is not yet valid", true, TlsAlert.CertificateExpired, static (ca, leaf) => ca.Issue(leaf with
        {
            ValidFrom = TimeSpan.FromHours(1), ValidUntil = TimeSpan.FromHours(2),
        })),
        new("server of another name", true, TlsAlert.BadCertificate, static (ca, leaf) => ca.Issue(leaf with
        {
            DnsNames = ["other.example"],
        })),
        new("server with no name", true, TlsAlert.BadCertificate, static (ca, leaf) => ca.Issue(leaf with
        {
            DnsNames = [],
        })),
        new("server of another CA", true, TlsAlert.UnknownCa, static (_, leaf) => Foreign(leaf)),
        new("server with the purpose of a client", true, TlsAlert.UnsupportedCertificate, static (ca, leaf) =>
            ca.Issue(leaf with { Purposes = [TestPki.ClientAuthentication] })),
        new("server that was revoked", true, TlsAlert.CertificateRevoked, static (ca, leaf) => ca.Issue(leaf))
        {
            IsRevoked = true,
        },
        new("client without a certificate", OfServer: false, TlsAlert.CertificateRequired, static (_, _) => null),
        new("client that expired", false, TlsAlert.CertificateExpired, static (ca, leaf) => ca.Issue(leaf with
        {
            ValidFrom = TimeSpan.FromHours(-2), ValidUntil = TimeSpan.FromHours(-1),
        })),
        new("client that is not yet valid", false, TlsAlert.CertificateExpired, static (ca, leaf) => ca.Issue(leaf with
        {
            ValidFrom = TimeSpan.FromHours(1), ValidUntil = TimeSpan.FromHours(2),
        })),
        new("client of another CA", false, TlsAlert.UnknownCa, static (_, leaf) => Foreign(leaf)),
        new("client with the purpose of a server", false, TlsAlert.UnsupportedCertificate, static (ca, leaf) =>
            ca.Issue(leaf with { Purposes = [TestPki.ServerAuthentication] })),
        new("client that was revoked", false, TlsAlert.CertificateRevoked, static (ca, leaf) => ca.Issue(leaf))
        {
            IsRevoked = true,
        },
    }.ToDictionary(static item => item.Name);

    public static TheoryData<string> Names => new(Table.Keys);

    [Theory]
    [MemberData(nameof(Names))]
    public void Bad_certificate_lets_nothing_through_and_is_told(string name)
    {
        var bad = Table[name];
        var read = 0;
        using var pair = Pair(bad);
        pair.OnEvent = (fromServer, item) => read += Serve(pair, fromServer, item);

        pair.RunUntil(() => pair.Client.CloseReason is not null && pair.Server?.CloseReason is not null)
            .Should().BeTrue();
        pair.Run(TimeSpan.FromSeconds(1));

        read.Should().Be(0);
        var (judge, refused) = bad.OfServer ? (pair.Client, pair.Server!) : (pair.Server!, pair.Client);
        judge.CloseReason!.Kind.Should().Be(QuicCloseKind.LocalTransport);
        refused.CloseReason!.Kind.Should().Be(QuicCloseKind.PeerTransport);
        judge.CloseReason.ErrorCode.Should().Be(CryptoError + (byte)bad.Alert, judge.CloseReason.Reason);
        refused.CloseReason.ErrorCode.Should().Be(judge.CloseReason.ErrorCode);
        judge.IsHandshakeConfirmed.Should().BeFalse();
        refused.IsHandshakeConfirmed.Should().BeFalse();
    }

    [Fact]
    public void Good_certificates_let_both_directions_through()
    {
        var read = 0;
        using var pair = Pair(new Bad("", OfServer: false, default, static (ca, leaf) => ca.Issue(leaf)));
        pair.OnEvent = (fromServer, item) => read += Serve(pair, fromServer, item);

        pair.Connect().Run(TimeSpan.FromSeconds(1));

        read.Should().Be(6, "the test above would see what gets through");
    }

    // Each side writes as soon as it may, and reads what there is.
    private static int Serve(QuicPair pair, bool fromServer, QuicEvent item)
    {
        var connection = fromServer ? pair.Server! : pair.Client;
        if (item.Kind == QuicEventKind.HandshakeCompleted && connection.TryOpenStream(true, out var opened))
            opened.Write([1, 2, 3]);
        return item.Kind == QuicEventKind.StreamReadable && connection.TryGetStream(item.StreamId, out var stream)
            ? stream.Read(new byte[10])
            : 0;
    }

    private static TestIdentity Foreign(TestLeaf leaf)
    {
        using var other = new TestPki("Other CA");
        return other.Issue(leaf);
    }

    private QuicPair Pair(Bad bad) => new(1, settings =>
    {
        var leaf = bad.OfServer
            ? new TestLeaf { DnsNames = [TlsFixture.ServerName], Purposes = [TestPki.ServerAuthentication] }
            : new TestLeaf { Purposes = [TestPki.ClientAuthentication] };
        var identity = bad.Issue(fixture.Ca, leaf);
        var client = fixture.Options(bad.OfServer ? fixture.Client : identity);
        var server = fixture.Options(bad.OfServer ? identity : fixture.Server);
        if (bad.IsRevoked)
            (bad.OfServer ? client : server).RevocationListsPem = fixture.Ca.RevocationListPem(identity!);
        settings.ClientTls = QuicCrypto.Default.CreateTls(client);
        settings.ServerTls = QuicCrypto.Default.CreateTls(server);
        settings.Protectors = QuicCrypto.Default.CreateProtectors();
        settings.ServerName = TlsFixture.ServerName;
    });

    private sealed record Bad(string Name, bool OfServer, TlsAlert Alert, Func<TestPki, TestLeaf, TestIdentity?> Issue)
    {
        public bool IsRevoked { get; init; }
    }
}
