using MqttScion.Quic;

namespace MqttScion.Benchmarks;

/// <summary>A client's and a server's endpoint that are joined in memory.</summary>
internal sealed class HandshakePair : IDisposable
{
    private const int DatagramBytes = 1350;

    private static readonly TimeSpan Step = TimeSpan.FromMicroseconds(100);

    private readonly QuicEndpoint _clients;
    private readonly QuicEndpoint _servers;
    private readonly byte[] _room = new byte[16 * 1024];
    private readonly byte[] _answer = new byte[1200];
    private TimeSpan _now = TimeSpan.FromSeconds(1);

    public HandshakePair(IQuicTlsFactory client, IQuicTlsFactory server, QuicSessionCache? cache)
    {
        var protectors = QuicCrypto.Default.CreateProtectors();
        var options = new QuicOptions
        {
            SessionCache = cache,
            KeepAliveInterval = TimeSpan.Zero,
            MaxConnections = int.MaxValue,
        };
        _clients = new QuicEndpoint(client, protectors, options, false, new CryptographicRandom());
        _servers = new QuicEndpoint(server, protectors, options, true, new CryptographicRandom());
    }

    /// <summary>Connects until both sides are sure, and gives the connection up unless it is kept.</summary>
    public void Handshake(bool isResumed, bool isKept = false)
    {
        var client = _clients.Connect("localhost", 0, DatagramBytes, 0, _now);
        QuicConnection? server = null;
        var isMoving = true;
        while (isMoving)
        {
            _now += Step;
            isMoving = Move(client, _servers, ref server);
            if (server is not null)
                isMoving |= Move(server, _clients, ref server);
        }

        if (!client.IsHandshakeConfirmed || server is not { IsHandshakeConfirmed: true } ||
            client.IsResumed != isResumed)
            throw new InvalidOperationException($"QUIC failed: {client.CloseReason} {server?.CloseReason}");
        if (isKept)
            return;
        client.Dispose();
        server.Dispose();
    }

    /// <summary>Lets time pass for all connections.</summary>
    public void Wait(TimeSpan time)
    {
        _now += time;
        foreach (var connection in _clients.Connections.Concat(_servers.Connections).ToArray())
            connection.OnTimeout(_now);
    }

    public void Dispose()
    {
        _clients.Dispose();
        _servers.Dispose();
    }

    private bool Move(QuicConnection from, QuicEndpoint target, ref QuicConnection? server)
    {
        var isMoving = false;
        while (from.TryTransmit(_room, maxSegments: 8, _now, out var transmit))
        {
            isMoving = true;
            for (var start = 0; start < transmit.Length; start += transmit.SegmentSize)
            {
                var datagram = _room.AsSpan(start, Math.Min(transmit.SegmentSize, transmit.Length - start));
                if (!target.TryRoute(datagram, out var to))
                {
                    var arrival = new QuicArrival { MaxDatagramBytes = DatagramBytes };
                    if (!target.TryAccept(datagram, arrival, _now, _answer, out _, out to))
                        continue;
                    server = to;
                }

                to.Receive(datagram, 0, EcnCodepoint.NotEct, _now);
            }
        }

        while (from.TryGetEvent(out _))
        {
        }

        return isMoving;
    }
}
