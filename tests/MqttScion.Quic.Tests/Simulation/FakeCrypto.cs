using System.Diagnostics.CodeAnalysis;

namespace MqttScion.Quic.Tests;

/// <summary>A provider with toy handshakes and the base class library's protection: no native library at all.</summary>
/// <remarks>Made of what the library shows to everybody, as one from elsewhere would be.</remarks>
internal sealed class FakeCrypto : QuicCrypto
{
    /// <summary>What is wrong with the library; null for nothing.</summary>
    public string? Problem { get; init; }

    public override string Name => "toy";

    public override string? Version => Problem is null ? "1" : null;

    public override bool TryLoad([NotNullWhen(false)] out string? problem)
    {
        problem = Problem;
        return problem is null;
    }

    public override IQuicTlsFactory CreateTls(QuicTlsOptions options)
    {
        EnsureAvailable();
        return new FakeTlsFactory
        {
            ApplicationProtocol = options.ApplicationProtocols[0],
            IssuesTickets = options.TicketIssuer is FakeTicketIssuer,
        };
    }

    public override IPacketProtectorFactory CreateProtectors()
    {
        EnsureAvailable();
        return new BclPacketProtectorFactory();
    }

    public override QuicTicketIssuer CreateTicketIssuer(
        byte[]? key = null, TimeSpan? lifetime = null, TimeSpan? earlyDataWindow = null) =>
        new FakeTicketIssuer(key, lifetime, earlyDataWindow);
}
