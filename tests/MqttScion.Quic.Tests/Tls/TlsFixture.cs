namespace MqttScion.Quic.Tests;

/// <summary>
/// One CA with a server and a client certificate, and the factories of both; shared by the tests of a class.
/// </summary>
public sealed class TlsFixture : IDisposable
{
    internal const string ServerName = "proxy.example";

    public TlsFixture()
    {
        Ca = new TestPki();
        Server = Ca.Issue(new TestLeaf
        {
            CommonName = "server",
            DnsNames = [ServerName],
            IpAddresses = ["10.0.0.2", "fd00::2"],
            Purposes = [TestPki.ServerAuthentication],
        });
        Client = Ca.Issue(new TestLeaf { CommonName = "client", Purposes = [TestPki.ClientAuthentication] });
    }

    internal TestPki Ca { get; }

    internal TestIdentity Server { get; }

    internal TestIdentity Client { get; }

    internal QuicTlsOptions Options(TestIdentity? identity) => new()
    {
        TrustedCertificatesPem = Ca.CertificatePem,
        CertificateChainPem = identity?.CertificatePem,
        PrivateKeyPem = identity?.KeyPem,
    };

    internal TlsPair Pair(
        QuicTlsOptions? client = null,
        QuicTlsOptions? server = null,
        string serverName = ServerName,
        GnuTlsTuning? clientTuning = null,
        GnuTlsTuning? serverTuning = null,
        byte[]? session = null,
        bool earlyData = false,
        byte[]? ticketContext = null)
    {
        // Sessions outlive their factory, so these end with the call.
        using var clients = new GnuTlsFactory(client ?? Options(Client), clientTuning ?? new GnuTlsTuning());
        using var servers = new GnuTlsFactory(server ?? Options(Server), serverTuning ?? new GnuTlsTuning());
        return new TlsPair(
            clients.CreateClient(serverName, session, earlyData),
            servers.CreateServer(ticketContext, earlyData));
    }

    public void Dispose() => Ca.Dispose();
}
