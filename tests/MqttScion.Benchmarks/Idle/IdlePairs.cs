using MqttScion.Quic;

namespace MqttScion.Benchmarks;

/// <summary>Connections between two endpoints in memory, in virtual time.</summary>
internal sealed class IdlePairs : IDisposable
{
    private static readonly QuicOptions Options = new()
    {
        KeepAliveInterval = TimeSpan.Zero,
        IdleTimeout = TimeSpan.Zero,
        MaxConnections = 100_000,
    };

    private readonly QuicEndpoint _server;
    private readonly byte[] _room = new byte[64 * 1024];
    private QuicEndpoint? _client;
    private TimeSpan _now = TimeSpan.FromHours(1);

    public IdlePairs(IQuicTlsFactory serverTls, IQuicTlsFactory clientTls, int count)
    {
        var protectors = QuicCrypto.Default.CreateProtectors();
        _server = new QuicEndpoint(serverTls, protectors, Options, acceptConnections: true, new CryptographicRandom());
        _client = new QuicEndpoint(clientTls, protectors, Options, acceptConnections: false, new CryptographicRandom());
        for (var i = 0; i < count; i++)
            Connect();
    }

    public IEnumerable<QuicConnection> Servers => _server.Connections;

    public IEnumerable<QuicConnection> Clients => _client!.Connections;

    public void DropClients()
    {
        _client!.Dispose();
        _client = null;
    }

    public void Dispose()
    {
        _client?.Dispose();
        _server.Dispose();
    }

    private void Connect()
    {
        var client = _client!.Connect(StormLoops.ServerName, 0, 1400, 0, _now);
        QuicConnection? server = null;
        for (var step = 0; step < 100; step++)
        {
            var isMoved = Move(client, toServer: true, ref server);
            isMoved |= server is not null && Move(server, toServer: false, ref server);
            Drain(client);
            Drain(server);
            if (isMoved)
                continue;
            if (server is { IsHandshakeConfirmed: true } && client is { IsHandshakeConfirmed: true, NextTimeout: null }
                && server.NextTimeout is null)
                return;
            // 20 s in all: a client waits for a session ticket for 10.
            _now += TimeSpan.FromMilliseconds(200);
            client.OnTimeout(_now);
            server?.OnTimeout(_now);
        }
        throw new InvalidOperationException("The pair does not come to rest.");
    }

    private bool Move(QuicConnection from, bool toServer, ref QuicConnection? server)
    {
        var isMoved = false;
        while (from.TryTransmit(_room, 1, _now, out var transmit))
        {
            isMoved = true;
            var datagram = _room.AsSpan(0, transmit.Length);
            var endpoint = toServer ? _server : _client!;
            if (!endpoint.TryRoute(datagram, out var to))
            {
                var arrival = new QuicArrival { Address = [1, 2, 3, 4], PathId = 0, MaxDatagramBytes = 1400 };
                if (!endpoint.TryAccept(datagram, arrival, _now, new byte[1200], out _, out to))
                    continue;
                server = to;
            }
            to.Receive(datagram, 0, EcnCodepoint.NotEct, _now);
        }
        return isMoved;
    }

    private static void Drain(QuicConnection? connection)
    {
        while (connection?.TryGetEvent(out _) == true)
        {
        }
    }
}
