namespace MqttScion.Quic.Tests;

/// <summary>A client and a server that are pumped against each other in memory.</summary>
internal sealed class TlsPair(IQuicTls client, IQuicTls server) : IDisposable
{
    public static readonly byte[] ClientParameters = [1, 2, 3, 4, 5];
    public static readonly byte[] ServerParameters = [6, 7, 8];

    public TlsEnd Client { get; } = new(client);

    public TlsEnd Server { get; } = new(server);

    public bool IsComplete => Client.Tls.IsComplete && Server.Tls.IsComplete;

    /// <summary>Starts both and delivers until nothing moves or an end fails.</summary>
    public TlsPair Run(int fragmentLength = int.MaxValue)
    {
        Start();
        while (Deliver(Client, Server, fragmentLength) | Deliver(Server, Client, fragmentLength))
        {
        }

        return this;
    }

    public void Start()
    {
        Server.Tls.TryStart(ServerParameters).Should().BeTrue();
        Client.Tls.TryStart(ClientParameters).Should().BeTrue();
    }

    /// <summary>Delivers what one end has to send now; false when that was nothing.</summary>
    public static bool Deliver(TlsEnd from, TlsEnd to, int fragmentLength = int.MaxValue)
    {
        var moved = false;
        while (from.TryTake(out var level, out var bytes))
        {
            moved = true;
            foreach (var fragment in bytes.Chunk(Math.Min(fragmentLength, bytes.Length)))
            {
                if (!to.Tls.TryReadHandshake(level, fragment))
                {
                    return false;
                }

                // The order of secrets between fragments is kept.
                DrainSecrets(to);
            }
        }

        return moved;
    }

    public void Dispose()
    {
        Client.Dispose();
        Server.Dispose();
    }

    private static void DrainSecrets(TlsEnd end)
    {
        while (end.Tls.TryTakeSecrets(out var secrets))
        {
            end.Secrets.Add(secrets);
        }
    }
}
