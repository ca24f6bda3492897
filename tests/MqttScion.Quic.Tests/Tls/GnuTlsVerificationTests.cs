namespace MqttScion.Quic.Tests;

/// <summary>Which certificates pass, and what is said of those that do not.</summary>
public class GnuTlsVerificationTests(TlsFixture fixture) : IClassFixture<TlsFixture>
{
    [Theory]
    [InlineData("proxy.example")]
    [InlineData("PROXY.example")]
    [InlineData("proxy.example.")]
    [InlineData("10.0.0.2")]
    [InlineData("fd00::2")]
    [InlineData("[fd00:0:0::2]")]
    public void Client_accepts_a_server_by_its_name(string serverName)
    {
        using var pair = fixture.Pair(serverName: serverName).Run();

        pair.Client.Tls.Failure.Should().BeNull();
        pair.IsComplete.Should().BeTrue();
    }

    [Theory]
    [InlineData("other.example")]
    [InlineData("example")]
    [InlineData("a.proxy.example")]
    [InlineData("10.0.0.3")]
    [InlineData("fd00::3")]
    public void Client_refuses_a_server_by_another_name(string serverName)
    {
        using var pair = fixture.Pair(serverName: serverName).Run();

        AssertRefused(
            pair.Client,
            TlsAlert.BadCertificate,
            $"expected {serverName}, certificate has proxy.example, 10.0.0.2, fd00::2");
    }

    [Fact]
    public void Client_refuses_an_ip_address_that_stands_in_a_dns_name_or_subject()
    {
        var server = fixture.Ca.Issue(new TestLeaf { CommonName = "10.0.0.9", DnsNames = ["10.0.0.9"] });
        using var pair = fixture.Pair(server: fixture.Options(server), serverName: "10.0.0.9").Run();

        AssertRefused(pair.Client, TlsAlert.BadCertificate, "expected 10.0.0.9, certificate has 10.0.0.9");
    }

    [Fact]
    public void Client_refuses_a_server_of_an_unknown_ca()
    {
        using var other = new TestPki("Other CA");
        var options = fixture.Options(other.Issue(new TestLeaf { DnsNames = [TlsFixture.ServerName] }));
        using var pair = fixture.Pair(server: options).Run();

        AssertRefused(pair.Client, TlsAlert.UnknownCa, "unknown CA: CN=Other CA");
    }

    [Fact]
    public void Client_refuses_a_server_of_another_ca_with_the_same_name()
    {
        using var other = new TestPki();
        var options = fixture.Options(other.Issue(new TestLeaf { DnsNames = [TlsFixture.ServerName] }));
        using var pair = fixture.Pair(server: options).Run();

        pair.Client.Tls.Failure.Should().NotBeNull();
        pair.IsComplete.Should().BeFalse();
    }

    [Theory]
    [InlineData(-48, -24, "expired")]
    [InlineData(24, 48, "not yet valid")]
    public void Client_refuses_a_server_outside_its_time(int fromHours, int untilHours, string reason)
    {
        var server = fixture.Ca.Issue(new TestLeaf
        {
            DnsNames = [TlsFixture.ServerName],
            ValidFrom = TimeSpan.FromHours(fromHours),
            ValidUntil = TimeSpan.FromHours(untilHours),
        });
        using var pair = fixture.Pair(server: fixture.Options(server)).Run();

        AssertRefused(pair.Client, TlsAlert.CertificateExpired, reason);
    }

    [Fact]
    public void Client_refuses_a_server_with_a_client_certificate()
    {
        var server = fixture.Ca.Issue(new TestLeaf
        {
            DnsNames = [TlsFixture.ServerName],
            Purposes = [TestPki.ClientAuthentication],
        });
        using var pair = fixture.Pair(server: fixture.Options(server)).Run();

        AssertRefused(pair.Client, TlsAlert.UnsupportedCertificate, "it may not act as a server");
    }

    [Fact]
    public void Server_refuses_a_client_with_a_server_certificate()
    {
        using var pair = fixture.Pair(client: fixture.Options(fixture.Server)).Run();

        AssertRefused(pair.Server, TlsAlert.UnsupportedCertificate, "it may not act as a client");
        pair.Server.Tls.PeerCertificate.Should().Equal(fixture.Server.Certificate, "the refused one can be logged");
    }

    [Fact]
    public void Server_refuses_a_client_of_an_unknown_ca()
    {
        using var other = new TestPki("Other CA");
        var options = fixture.Options(other.Issue(new TestLeaf()));
        using var pair = fixture.Pair(client: options).Run();

        AssertRefused(pair.Server, TlsAlert.UnknownCa, "unknown CA: CN=Other CA");
    }

    [Fact]
    public void Server_refuses_an_expired_client()
    {
        var client = fixture.Ca.Issue(new TestLeaf
        {
            ValidFrom = TimeSpan.FromHours(-2),
            ValidUntil = TimeSpan.FromHours(-1),
        });
        using var pair = fixture.Pair(client: fixture.Options(client)).Run();

        AssertRefused(pair.Server, TlsAlert.CertificateExpired, "expired");
    }

    [Fact]
    public void Server_refuses_a_client_without_certificate()
    {
        using var pair = fixture.Pair(client: fixture.Options(identity: null)).Run();

        AssertRefused(pair.Server, TlsAlert.CertificateRequired, "no certificate presented");
    }

    [Fact]
    public void Server_refuses_a_bad_certificate_even_if_it_requires_none()
    {
        using var other = new TestPki("Other CA");
        var server = fixture.Options(fixture.Server);
        server.RequireClientCertificate = false;
        using var pair = fixture.Pair(fixture.Options(other.Issue(new TestLeaf())), server).Run();

        AssertRefused(pair.Server, TlsAlert.UnknownCa, "unknown CA");
    }

    [Fact]
    public void Server_refuses_a_revoked_client_and_takes_another_of_the_same_ca()
    {
        var revoked = fixture.Ca.Issue(new TestLeaf { CommonName = "lost meter" });
        var server = fixture.Options(fixture.Server);
        server.RevocationListsPem = fixture.Ca.RevocationListPem(revoked);
        using var refused = fixture.Pair(fixture.Options(revoked), server).Run();
        using var taken = fixture.Pair(fixture.Options(fixture.Client), server).Run();

        AssertRefused(refused.Server, TlsAlert.CertificateRevoked, "is revoked by CN=Test CA");
        taken.IsComplete.Should().BeTrue();
    }

    [Fact]
    public void Revocation_list_that_is_out_of_date_still_counts()
    {
        var server = fixture.Options(fixture.Server);
        server.RevocationListsPem = fixture.Ca.RevocationListPem(
            thisUpdate: TimeSpan.FromHours(-2),
            nextUpdate: TimeSpan.FromHours(-1),
            fixture.Client);
        using var pair = fixture.Pair(server: server).Run();

        AssertRefused(pair.Server, TlsAlert.CertificateRevoked, "is revoked");
    }

    [Fact]
    public void Revocation_list_of_another_ca_has_no_effect()
    {
        using var other = new TestPki("Other CA");
        var server = fixture.Options(fixture.Server);
        server.RevocationListsPem = other.RevocationListPem(fixture.Client);
        using var pair = fixture.Pair(server: server).Run();

        pair.IsComplete.Should().BeTrue();
    }

    [Fact]
    public void Certificates_without_extended_key_usage_pass_on_both_sides()
    {
        var server = fixture.Ca.Issue(new TestLeaf { DnsNames = [TlsFixture.ServerName] });
        var client = fixture.Ca.Issue(new TestLeaf());
        using var pair = fixture.Pair(fixture.Options(client), fixture.Options(server)).Run();

        pair.IsComplete.Should().BeTrue();
    }

    [Fact]
    public void Client_certificate_of_x509_version_1_passes()
    {
        var client = fixture.Ca.IssueVersion1("meter-7");
        using var pair = fixture.Pair(client: fixture.Options(client)).Run();

        pair.Server.Tls.Failure.Should().BeNull();
        pair.IsComplete.Should().BeTrue();
        pair.Server.Tls.PeerCertificate.Should().Equal(client.Certificate);
    }

    [Fact]
    public void Reason_quotes_a_hostile_certificate_without_its_control_characters_and_in_bounds()
    {
        using var other = new TestPki("Evil\r\nFAKE LOG LINE " + new string('x', 40));
        var names = Enumerable.Range(0, 40).Select(i => $"n{i}.example").ToArray();
        var options = fixture.Options(other.Issue(new TestLeaf { DnsNames = names }));
        using var pair = fixture.Pair(server: options).Run();

        var reason = pair.Client.Tls.Failure!.Reason;
        reason.Should().NotContainAny("\r", "\n").And.Contain("and 35 more");
        reason.Length.Should().BeLessThan(600);
    }

    private static void AssertRefused(TlsEnd end, TlsAlert alert, string reason)
    {
        end.Tls.IsComplete.Should().BeFalse();
        end.Tls.Failure.Should().NotBeNull();
        end.Tls.Failure!.Reason.Should().Contain(reason);
        ((TlsAlert)end.Tls.Failure.Alert).Should().Be(alert);
    }
}
