using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using MqttScion.Proxy.Tests.Support;
using MqttScion.Scion;
using MqttScion.Testnet;

namespace MqttScion.Proxy.Tests;

[SuppressMessage("Design", "CA1001", Justification = "xunit disposes it through IAsyncLifetime.")]
public sealed class StartChecksTests : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("mqttscion-start-").FullName;
    private readonly ListLoggers _log = new();
    private PocketBroker _broker = null!;

    public async Task InitializeAsync() => _broker = await PocketBroker.StartAsync();

    public async Task DisposeAsync()
    {
        await _broker.DisposeAsync();
        _log.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Theory]
    [InlineData(CertificateFault.None, null)]
    [InlineData(CertificateFault.Expired, "has expired")]
    [InlineData(CertificateFault.NotYetValid, "is valid from")]
    [InlineData(CertificateFault.WrongUsage, "may not act as a server")]
    public async Task Certificate_that_clients_will_refuse_is_a_warning(CertificateFault fault, string? expected)
    {
        await Checks(fault, _broker.EndPoint.ToString()).RunAsync(source: null, default);

        ShouldWarn(expected, "--cert: ");
    }

    [Fact]
    public async Task Broker_that_can_t_be_reached_is_a_warning()
    {
        var address = _broker.EndPoint.ToString();
        await _broker.DisposeAsync();

        await Checks(CertificateFault.None, address).RunAsync(source: null, default);

        ShouldWarn("can't be reached now", "--mqtt-broker: " + address);
    }

    [Theory]
    [InlineData("1-ff00:0:110", null)]
    [InlineData("1-ff00:0:999", "this host is not in 1-ff00:0:110")]
    public async Task Address_in_an_AS_of_others_is_a_warning(string localAs, string? expected)
    {
        var source = new ScionOptions { PathSource = new SameAsPathSource(IsdAs.Parse(localAs)) };

        await Checks(CertificateFault.None, _broker.EndPoint.ToString()).RunAsync(source, default);

        ShouldWarn(expected, "--listen: ");
    }

    private void ShouldWarn(string? expected, string option)
    {
        if (expected is null)
        {
            _log.Entries.Should().BeEmpty();
            return;
        }
        var warning = _log.Entries.Should().ContainSingle().Which;
        warning.Level.Should().Be(LogLevel.Warning);
        warning.Text.Should().StartWith(option).And.Contain(expected);
    }

    private StartChecks Checks(CertificateFault fault, string broker)
    {
        var files = TestCertificates.Create(_directory, server: fault);
        var options = new ProxyOptions { Listen = $"[{SameAsWorld.IsdAs},127.0.0.1]:0", Broker = broker };
        options.Tls.TrustedCertificates = files.CaFile;
        options.Tls.Certificate = files.ServerFile;
        options.Tls.Key = files.ServerKeyFile;
        return new StartChecks(options, TimeProvider.System, _log);
    }
}
