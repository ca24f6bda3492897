namespace MqttScion.Quic.Tests;

/// <summary>What a <see cref="QuicPair"/> is made of.</summary>
internal sealed class PairSettings
{
    public FakeTlsFactory Tls { get; } = new();

    /// <summary>A handshake other than the toy one, for the client.</summary>
    public IQuicTlsFactory? ClientTls { get; set; }

    /// <summary>A handshake other than the toy one, for the server.</summary>
    public IQuicTlsFactory? ServerTls { get; set; }

    /// <summary>The ticket that the client connects with.</summary>
    public QuicSessionTicket? Ticket { get; set; }

    /// <summary>How long each step of both sides' TLS takes on another thread; null is no time on their own.</summary>
    public TimeSpan? TlsStepTime { get; set; }

    public IPacketProtectorFactory Protectors { get; set; } = new BclPacketProtectorFactory();

    public QuicOptions ClientOptions { get; } = new();

    public QuicOptions ServerOptions { get; } = new();

    public string ServerName { get; set; } = "server.example";

    /// <summary>How large datagrams are said to be on all paths.</summary>
    public int DatagramBytes { get; set; } = QuicPair.DatagramBytes;

    public int MaxSegments { get; set; } = 16;

    /// <summary>Puts a provider in the place of the toys.</summary>
    public void Use(QuicCrypto crypto, QuicTlsOptions client, QuicTlsOptions server) =>
        (ClientTls, ServerTls, Protectors) =
        (crypto.CreateTls(client), crypto.CreateTls(server), crypto.CreateProtectors());
}
