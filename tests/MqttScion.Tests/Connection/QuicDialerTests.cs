using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using MqttScion.Quic;
using MqttScion.Testnet;

namespace MqttScion.Tests.Connection;

public sealed class QuicDialerTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly string _directory = Directory.CreateTempSubdirectory("mqttscion-test-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Loop_that_fails_before_it_dials_fails_the_dial()
    {
        var files = TestCertificates.Create(_directory);
        var settings = NetworkSettings.From(
            new ScionOptions(),
            new TlsOptions
            {
                TrustedCertificates = files.CaFile,
                Certificate = files.ClientFile,
                Key = files.ClientKeyFile,
            });
        var time = new LoopStopper();
        await using var network = new ScionNetwork(settings, [], time, NullLogger.Instance);
        var dialer = new QuicDialer(network, settings, new QuicOptions(), null, time, NullLogger.Instance);
        var server = MqttEndPoint.Parse("mqtt-quic://127.0.0.1:1");
        var application = new PipeApplication(new PipeApplicationOptions(
            OpensStream: true, RequiresPeerCertificate: false, server));

        await using var loop = dialer.Dial(
            new ServerRoute(server, new IPEndPoint(IPAddress.Loopback, 1)), application);

        var opened = () => application.Opened.WaitAsync(Patience);
        await opened.Should().ThrowAsync<ObjectDisposedException>();
    }

    /// <summary>A clock that no loop can read.</summary>
    private sealed class LoopStopper : TimeProvider
    {
        public override long GetTimestamp() => Thread.CurrentThread.Name?.StartsWith("mqtt-scion ") == true
            ? throw new NotSupportedException("a defect")
            : base.GetTimestamp();
    }
}
