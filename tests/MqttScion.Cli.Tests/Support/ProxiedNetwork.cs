extern alias proxy;
using System.Net;
using MqttScion.Testnet;
using proxy::MqttScion.Proxy;

namespace MqttScion.Cli.Tests;

/// <summary>A test network with a proxy in it, before a broker of the test.</summary>
internal sealed class ProxiedNetwork : IAsyncDisposable
{
    private readonly string _directory;
    private readonly LiveNetwork _network;
    private readonly TestCertificates _certificates;
    private readonly MqttProxy _proxy;

    private ProxiedNetwork(string directory, LiveNetwork network, TestCertificates certificates, MqttProxy proxy) =>
        (_directory, _network, _certificates, _proxy) = (directory, network, certificates, proxy);

    public static async Task<ProxiedNetwork> StartAsync(string broker)
    {
        var directory = Directory.CreateTempSubdirectory("mqttscion-cli-").FullName;
        var certificates = TestCertificates.Create(directory);
        var network = await LiveNetwork.StartAsync();
        var options = new ProxyOptions { Listen = $"[{LiveNetwork.Server},{IPAddress.Loopback}]:0", Broker = broker };
        options.Tls.TrustedCertificates = certificates.CaFile;
        options.Tls.Certificate = certificates.ServerFile;
        options.Tls.Key = certificates.ServerKeyFile;
        return new ProxiedNetwork(directory, network, certificates, MqttProxy.Start(options));
    }

    /// <summary>Starts a command: its name, then what follows the address of the proxy.</summary>
    public CommandRun Start(string command, params string[] args) =>
        StartAt(_proxy.LocalEndPoint.ToString(), command, args);

    /// <summary>Starts a command with another address.</summary>
    public CommandRun StartAt(string remote, string command, params string[] args) => _network.Start(
    [
        command, remote, .. args, "--log", "error", "--ca-cert", _certificates.CaFile,
        "--cert", _certificates.ClientFile, "--key", _certificates.ClientKeyFile,
    ]);

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await _network.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }
}
