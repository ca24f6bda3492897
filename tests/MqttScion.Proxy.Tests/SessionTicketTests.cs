using System.Diagnostics;
using MqttScion.Mqtt;
using MqttScion.Proxy.Tests.Support;
using MqttScion.Quic.Tests;
using MqttScion.Testnet;

namespace MqttScion.Proxy.Tests;

/// <summary>Clients that come back and resume their TLS session, over real sockets.</summary>
public sealed class SessionTicketTests : IAsyncLifetime, IDisposable
{
    private const string Resumed = "was resumed";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Answer = TimeSpan.FromSeconds(5);

    private readonly string _directory = Directory.CreateTempSubdirectory("mqttscion-tickets-").FullName;
    private readonly TestPki _ca = new();
    private readonly TestIdentity _clientIdentity;
    private readonly ListLoggers _clientLog = new();
    private readonly ListLoggers _proxyLog = new();
    private readonly SteppedTime _time = new();
    private PocketBroker _broker = null!;

    public SessionTicketTests()
    {
        _clientIdentity = _ca.Issue(new TestLeaf { Purposes = [TestPki.ClientAuthentication] });
        var server = _ca.Issue(
            new TestLeaf { IpAddresses = ["127.0.0.1"], Purposes = [TestPki.ServerAuthentication] });
        File.WriteAllText(PathOf("ca"), _ca.CertificatePem);
        Write("server", server);
        Write("client", _clientIdentity);
        Revoke();
    }

    public async Task InitializeAsync() => _broker = await PocketBroker.StartAsync();

    public async Task DisposeAsync()
    {
        await _broker.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    public void Dispose()
    {
        _ca.Dispose();
        _clientLog.Dispose();
        _proxyLog.Dispose();
    }

    [Fact]
    public async Task Client_that_comes_back_resumes_its_session_and_messages_pass()
    {
        await using (var proxy = StartProxy(tickets: true))
        await using (var client = Client(proxy, resumes: true))
        {
            await ExchangeAsync(client);
            Count(_clientLog, Resumed).Should().Be(0);
            await ExchangeAsync(client);
            await ExchangeAsync(client);
        }

        // The proxy refuses clients whose certificate it doesn't know.
        Count(_clientLog, Resumed).Should().Be(2);
        Count(_proxyLog, Resumed).Should().Be(2);
    }

    [Fact]
    public async Task Ticket_outlives_the_certificate_files_it_was_issued_under()
    {
        await using (var proxy = StartProxy(tickets: true))
        await using (var client = Client(proxy, resumes: true))
        {
            await ExchangeAsync(client);
            Write("server", _ca.Issue(
                new TestLeaf { IpAddresses = ["127.0.0.1"], Purposes = [TestPki.ServerAuthentication] }));
            _time.Step(CertificateWatch.Interval);
            await ExchangeAsync(client);
        }

        Count(_proxyLog, "have changed").Should().Be(1);
        Count(_proxyLog, Resumed).Should().Be(1);
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public async Task No_session_is_resumed_unless_both_sides_ask_for_it(bool tickets, bool resumes)
    {
        await using (var proxy = StartProxy(tickets))
        await using (var client = Client(proxy, resumes))
        {
            await ExchangeAsync(client);
            await ExchangeAsync(client);
        }

        Count(_clientLog, Resumed).Should().Be(0);
        Count(_proxyLog, Resumed).Should().Be(0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Proxy_issues_tickets_only_if_asked_for(bool tickets)
    {
        await using (var proxy = StartProxy(tickets))
        await using (var client = Client(proxy, resumes: true, options => options.QlogDirectory = _directory))
            await ExchangeAsync(client);

        var file = Directory.GetFiles(_directory, "*_client.sqlog").Single();
        var trace = Quic.Tests.QlogFile.Read(File.ReadAllBytes(file));
        var ticketFrames =
            from packet in trace.Named("transport:packet_received")
            where packet.PacketType == "1RTT"
            from frame in packet.Frames
            where frame.GetProperty("frame_type").GetString() == "crypto"
            select frame;
        ticketFrames.Any().Should().Be(tickets);
    }

    [Fact]
    public async Task Client_that_was_revoked_since_cannot_resume()
    {
        await using (var proxy = StartProxy(tickets: true))
        await using (var client = Client(proxy, resumes: true))
        {
            await ExchangeAsync(client);
            Revoke(_clientIdentity);
            _time.Step(CertificateWatch.Interval);
            var connect = () => client.ConnectAsync().WaitAsync(Limit);
            (await connect.Should().ThrowAsync<QuicConnectionException>()).WithMessage("*revoked*");

            // That attempt offered the ticket, so there is none left for a client that is good again.
            Revoke();
            _time.Step(CertificateWatch.Interval);
            await ExchangeAsync(client);
            Count(_proxyLog, Resumed).Should().Be(0);
            await ExchangeAsync(client);
        }

        Count(_proxyLog, Resumed).Should().Be(1);
    }

    [Fact]
    public async Task Certificate_files_that_cannot_be_used_change_nothing_and_are_told_once()
    {
        await using var proxy = StartProxy(tickets: false);
        await using var client = Client(proxy, resumes: false);
        await ExchangeAsync(client);
        File.WriteAllText(PathOf("crl"), "-----BEGIN X509 CRL-----\nhalf");
        for (var attempt = 0; attempt < 2; attempt++)
        {
            _time.Step(CertificateWatch.Interval);
            await ExchangeAsync(client);
        }

        Count(_proxyLog, "can't be used").Should().Be(1);

        Revoke(_clientIdentity);
        _time.Step(CertificateWatch.Interval);
        var connect = () => client.ConnectAsync().WaitAsync(Limit);
        await connect.Should().ThrowAsync<QuicConnectionException>();
    }

    [Fact]
    public async Task File_system_that_does_not_answer_keeps_no_connected_client_waiting()
    {
        await using var proxy = StartProxy(tickets: false);
        await using var connected = Client(proxy, resumes: false);
        await connected.ConnectAsync().WaitAsync(Limit);
        File.Delete(PathOf("crl"));
        using (var maker = Process.Start("mkfifo", PathOf("crl")))
            await maker.WaitForExitAsync().WaitAsync(Answer);
        _time.Step(CertificateWatch.Interval);
        await using var arriving = Client(proxy, resumes: false, options => options.ClientId = "arriving");
        var arrival = arriving.ConnectAsync();

        // Who opens a pipe waits until the other side does; who reads it, until something is written.
        var opening = Task.Run(
            () => new FileStream(PathOf("crl"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite));
        await using var silent = await opening.WaitAsync(Answer);
        (await PublishAsync(connected).WaitAsync(Answer)).IsSuccess.Should().BeTrue();

        await arrival.WaitAsync(Answer);
        (await PublishAsync(arriving).WaitAsync(Answer)).IsSuccess.Should().BeTrue();
        Count(_proxyLog, "can't be used").Should().Be(1);
    }

    private static int Count(ListLoggers log, string text) => log.Lines.Count(line => line.Contains(text));

    private static async Task ExchangeAsync(ScionMqttClient client)
    {
        await client.ConnectAsync().WaitAsync(Limit);
        (await PublishAsync(client).WaitAsync(Limit)).IsSuccess.Should().BeTrue();
        await client.DisconnectAsync().WaitAsync(Limit);
    }

    private static Task<MqttClientPublishResult> PublishAsync(ScionMqttClient client) => client.PublishAsync(
        new MqttApplicationMessageBuilder()
            .WithTopic("plant/1/temp")
            .WithPayload("21")
            .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
            .Build()).AsTask();

    private MqttProxy StartProxy(bool tickets)
    {
        var options = new ProxyOptions
        {
            Listen = $"[{SameAsWorld.IsdAs},127.0.0.1]:0",
            Broker = _broker.EndPoint.ToString(),
            SessionTickets = tickets,
        };
        Fill(options.Tls, "server");
        options.Tls.RevocationLists = PathOf("crl");
        return MqttProxy.Start(options, _proxyLog, _time);
    }

    private ScionMqttClient Client(MqttProxy proxy, bool resumes, Action<ScionMqttClientOptions>? configure = null)
    {
        var options = new ScionMqttClientOptions { ClientId = "returning", ResumeSessions = resumes };
        options.Servers.Add(proxy.LocalEndPoint.ToString());
        options.Scion.PathSource = new SameAsPathSource(SameAsWorld.IsdAs);
        Fill(options.Tls, "client");
        configure?.Invoke(options);
        return new ScionMqttClient(options, _clientLog);
    }

    private void Fill(TlsOptions tls, string name)
    {
        tls.TrustedCertificates = PathOf("ca");
        tls.Certificate = PathOf(name);
        tls.Key = PathOf(name + "-key");
    }

    private void Write(string name, TestIdentity identity)
    {
        File.WriteAllText(PathOf(name), identity.CertificatePem);
        File.WriteAllText(PathOf(name + "-key"), identity.KeyPem);
    }

    private void Revoke(params TestIdentity[] identities) =>
        File.WriteAllText(PathOf("crl"), _ca.RevocationListPem(identities));

    private string PathOf(string name) => Path.Combine(_directory, name + ".pem");
}
