namespace MqttScion.Quic.Tests;

/// <summary>One end of a handshake in memory, with all that came out of it.</summary>
internal sealed class TlsEnd(IQuicTls tls) : IDisposable
{
    public IQuicTls Tls { get; } = tls;

    public List<QuicTrafficSecrets> Secrets { get; } = [];

    public List<(EncryptionLevel Level, byte[] Bytes)> Sent { get; } = [];

    /// <summary>The handshake bytes to send next, with the secrets that came before them noted.</summary>
    public bool TryTake(out EncryptionLevel level, out byte[] bytes)
    {
        while (Tls.TryTakeSecrets(out var secrets))
        {
            Secrets.Add(secrets);
        }

        if (!Tls.TryWriteHandshake(out level, out var data))
        {
            bytes = [];
            return false;
        }

        bytes = data;
        Sent.Add((level, data));
        return true;
    }

    /// <summary>The one secret of a level that the peer must have for its other direction.</summary>
    public byte[]? ReadSecret(EncryptionLevel level) =>
        Secrets.SingleOrDefault(s => s.Level == level && s.ReadSecret is not null)?.ReadSecret;

    public byte[]? WriteSecret(EncryptionLevel level) =>
        Secrets.SingleOrDefault(s => s.Level == level && s.WriteSecret is not null)?.WriteSecret;

    public void Dispose() => Tls.Dispose();
}

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
