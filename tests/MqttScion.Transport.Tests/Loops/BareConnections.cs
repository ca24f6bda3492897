using MqttScion.Quic;
using MqttScion.Scion;

namespace MqttScion.Transport.Tests;

/// <summary>Connections without a loop, for what only keeps them.</summary>
internal sealed class BareConnections : IDisposable
{
    private readonly ManualResetEventSlim _open = new(initialState: true);
    private readonly QuicEndpoint _endpoint;

    public BareConnections() => _endpoint = new QuicEndpoint(
        new OpenFactory(_open),
        new BclPacketProtectorFactory(),
        new QuicOptions(),
        acceptConnections: false,
        new CryptographicRandom());

    public static ScionEndPoint Remote(int port) =>
        new(IsdAs.Parse("1-ff00:0:110"), ScionEndPoint.Parse("[1-ff00:0:110,10.0.0.1]:1").Host, (ushort)port);

    public LoopConnection Create(int remotePort = 1)
    {
        var quic = _endpoint.Connect("server.example", 0, 1200, 0, TimeSpan.Zero);
        var paths = PathTable.OnScion(Remote(9), Remote(remotePort));
        var application = new ConnectionApplication(new ConnectionApplicationOptions(Remote(remotePort)));
        return new LoopConnection(null!, quic, paths, application, steering: null);
    }

    public void Dispose()
    {
        _endpoint.Dispose();
        _open.Dispose();
    }

    private sealed class OpenFactory(ManualResetEventSlim open) : IQuicTlsFactory
    {
        public IQuicTls CreateClient(string serverName, ReadOnlySpan<byte> session, bool offersEarlyData) =>
            new GatedTls(open);

        public IQuicTls CreateServer(ReadOnlySpan<byte> ticketContext, bool acceptsEarlyData) =>
            new GatedTls(open);

        public void Dispose()
        {
        }
    }
}
