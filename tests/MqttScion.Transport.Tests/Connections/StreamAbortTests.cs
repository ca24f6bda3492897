using System.IO.Pipelines;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using MqttScion.Quic;
using MqttScion.Testnet;

namespace MqttScion.Transport.Tests;

/// <summary>A stream that the peer cuts, as the pipes of a transport show it.</summary>
public sealed class StreamAbortTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly string _directory = Directory.CreateTempSubdirectory("mqttscion-test-").FullName;
    private readonly TestCertificates _files;
    private readonly IQuicTlsFactory _tls;
    private readonly Peer _peer = new();

    public StreamAbortTests()
    {
        _files = TestCertificates.Create(_directory, serverNames: ["127.0.0.1"]);
        _tls = new TlsFiles(_files.CaFile, _files.ServerFile, _files.ServerKeyFile, null).Load();
    }

    public void Dispose()
    {
        _tls.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Stream_that_the_peer_resets_fails_the_reader_with_its_code()
    {
        await using var server = Listen();
        await using var transport = await ConnectAsync(server);
        _peer.Act = static stream => stream.Write(new byte[10]);
        await transport.Output.WriteAsync(new byte[1]);
        var part = await transport.Input.ReadAtLeastAsync(10).AsTask().WaitAsync(Patience);
        part.Buffer.Length.Should().Be(10);
        transport.Input.AdvanceTo(part.Buffer.End);

        _peer.Act = static stream => stream.Reset(77);
        await transport.Output.WriteAsync(new byte[1]);
        var read = async () => await transport.Input.ReadAsync().AsTask().WaitAsync(Patience);

        var failure = (await read.Should().ThrowAsync<QuicStreamAbortedException>()).Which;
        failure.ErrorCode.Should().Be(77UL);
        failure.Message.Should().Contain("reset").And.Contain("0x4d").And.Contain("127.0.0.1");
        transport.Ended.IsCompleted.Should().BeFalse("a reset ends no connection");
    }

    [Fact]
    public async Task Stream_that_the_peer_finishes_ends_the_reader_plainly()
    {
        await using var server = Listen();
        await using var transport = await ConnectAsync(server);
        _peer.Act = static stream =>
        {
            stream.Write(new byte[10]);
            stream.Finish();
        };

        await transport.Output.WriteAsync(new byte[1]);
        var whole = await transport.Input.ReadAtLeastAsync(11).AsTask().WaitAsync(Patience);

        whole.Buffer.Length.Should().Be(10);
        whole.IsCompleted.Should().BeTrue();
    }

    [Fact]
    public async Task Peer_that_takes_no_more_fails_the_writer_with_its_code_instead_of_making_it_wait()
    {
        await using var server = Listen();
        await using var transport = await ConnectAsync(server);
        _peer.Act = static stream => stream.StopSending(78);

        var write = () => WriteForEverAsync(transport.Output).WaitAsync(Patience);

        var failure = (await write.Should().ThrowAsync<QuicStreamAbortedException>()).Which;
        failure.ErrorCode.Should().Be(78UL);
        transport.Ended.IsCompleted.Should().BeFalse();
        // Nothing is left that could get there: the transport need not wait for it.
        await transport.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(4));
    }

    private static async Task WriteForEverAsync(PipeWriter output)
    {
        while (!(await output.WriteAsync(new byte[16 * 1024])).IsCompleted)
        {
        }
    }

    private EndpointLoop Listen()
    {
        var quic = new QuicEndpoint(
            _tls,
            QuicCrypto.Default.CreateProtectors(),
            new QuicOptions(),
            acceptConnections: true,
            new CryptographicRandom());
        var socket = new UdpLoopSocket(new IPEndPoint(IPAddress.Loopback, 0), scheme: "quic");
        return new EndpointLoop(socket, quic, _ => _peer, TimeProvider.System, NullLogger.Instance);
    }

    private Task<ScionQuicTransport> ConnectAsync(EndpointLoop server)
    {
        var options = new ScionQuicTransportOptions { Server = $"mqtt-quic://127.0.0.1:{server.LocalEndPoint.Port}" };
        options.Tls.TrustedCertificates = _files.CaFile;
        options.Tls.Certificate = _files.ClientFile;
        options.Tls.Key = _files.ClientKeyFile;
        return ScionQuicTransport.ConnectAsync(options).WaitAsync(Patience);
    }

    /// <summary>Does something each time that bytes come on a stream.</summary>
    private sealed class Peer : IConnectionApplication
    {
        private LoopConnection? _connection;

        public Action<QuicStream>? Act { get; set; }

        public TimeSpan? NextTimeout => null;

        public bool IsFinished => true;

        public void Attach(LoopConnection connection, TimeSpan now) => _connection = connection;

        public void OnEvent(in QuicEvent e, TimeSpan now)
        {
            if (e.Kind != QuicEventKind.StreamReadable || !_connection!.Quic.TryGetStream(e.StreamId, out var stream))
            {
                return;
            }
            if (stream.Read(new byte[64 * 1024]) > 0)
            {
                Act?.Invoke(stream);
            }
        }

        public void Pump(TimeSpan now)
        {
        }

        public void OnTimeout(TimeSpan now)
        {
        }

        public void OnLoopEnded(Exception cause)
        {
        }
    }
}
