using Microsoft.Extensions.Logging.Abstractions;
using MqttScion.Quic;
using MqttScion.Testnet;

namespace MqttScion.Transport.Tests;

public sealed class QuicDialerTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly string _directory = Directory.CreateTempSubdirectory("mqttscion-test-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Loop_that_fails_before_it_dials_fails_the_dial()
    {
        var files = TestCertificates.Create(_directory);
        var options = new QuicDialerOptions
        {
            Scion = new ScionOptions(),
            Tls = new TlsOptions
            {
                TrustedCertificates = files.CaFile,
                Certificate = files.ClientFile,
                Key = files.ClientKeyFile,
            },
            Quic = new QuicOptions(),
        };
        var server = ServerAddress.Parse("quic://127.0.0.1:1");
        await using var dialer = new QuicDialer(options, [server], new LoopStopper(), NullLogger.Instance);

        var dial = () => dialer
            .DialAsync(
                server,
                maxRoutes: 1,
                (_, _) => ValueTask.FromResult(
                    new ConnectionApplication(new ConnectionApplicationOptions(server))))
            .WaitAsync(Patience);

        await dial.Should().ThrowAsync<ObjectDisposedException>();
    }

    /// <summary>A clock that no loop can read.</summary>
    private sealed class LoopStopper : TimeProvider
    {
        public override long GetTimestamp() => Thread.CurrentThread.Name?.StartsWith("mqtt-scion ") == true
            ? throw new NotSupportedException("a defect")
            : base.GetTimestamp();
    }
}
