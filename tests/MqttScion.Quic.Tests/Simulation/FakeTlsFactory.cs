namespace MqttScion.Quic.Tests;

/// <summary>Makes toy handshakes, and ones that go wrong.</summary>
internal sealed class FakeTlsFactory : IQuicTlsFactory
{
    public string? ApplicationProtocol { get; set; } = "mqtt";

    /// <summary>The alert with which a server answers the hello, or null.</summary>
    public byte? Rejection { get; set; }

    /// <summary>The alert with which a server answers the client's last message, or null.</summary>
    public byte? LateRejection { get; set; }

    /// <summary>Zeros behind the hello and the encrypted flight, to make them span datagrams.</summary>
    public int PaddingBytes { get; set; }

    /// <summary>Bytes of a message without a meaning in the server's encrypted flight.</summary>
    public int ServerPaddingBytes { get; set; }

    public bool WithoutParameters { get; set; }

    /// <summary>
    /// Changes the encoded transport parameters; the first argument says whether they are the server's.
    /// </summary>
    public Func<bool, byte[], byte[]>? Rewrite { get; set; }

    /// <summary>Whether servers issue tickets.</summary>
    public bool IssuesTickets { get; set; }

    /// <summary>Whether servers that take early data reject it all the same.</summary>
    public bool RejectsEarlyData { get; set; }

    /// <summary>Whether servers know no ticket.</summary>
    public bool ForgetsTickets { get; set; }

    public IQuicTls CreateClient(string serverName, ReadOnlySpan<byte> session, bool offersEarlyData) =>
        new FakeTls(isServer: false, this, isEarly: offersEarlyData, isResuming: !session.IsEmpty);

    public IQuicTls CreateServer(ReadOnlySpan<byte> ticketContext, bool acceptsEarlyData) =>
        new FakeTls(isServer: true, this, isEarly: acceptsEarlyData, isResuming: !ForgetsTickets);

    public void Dispose() => Rewrite = null;
}
