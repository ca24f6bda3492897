using System.Diagnostics.CodeAnalysis;

namespace MqttScion.Quic;

/// <summary>The provider on GnuTLS.</summary>
internal sealed class GnuTlsCrypto : QuicCrypto
{
    /// <inheritdoc/>
    public override string Name => "GnuTLS";

    /// <inheritdoc/>
    public override string? Version => GnuTlsLibrary.Version;

    /// <inheritdoc/>
    public override bool TryLoad([NotNullWhen(false)] out string? problem) => GnuTlsLibrary.TryLoad(out problem);

    /// <inheritdoc/>
    public override IQuicTlsFactory CreateTls(QuicTlsOptions options) => new GnuTlsFactory(options);

    /// <inheritdoc/>
    public override IPacketProtectorFactory CreateProtectors() => new GnuTlsPacketProtectorFactory();

    /// <inheritdoc/>
    public override QuicTicketIssuer CreateTicketIssuer(
        byte[]? key = null, TimeSpan? lifetime = null, TimeSpan? earlyDataWindow = null) =>
        new GnuTlsTicketIssuer(key, lifetime, earlyDataWindow);
}
