using System.Net;
using MqttScion.Quic;

namespace MqttScion;

/// <summary>What a <see cref="QuicListener"/> listens with.</summary>
/// <param name="EndPoint">The address to bind; port 0 takes a free one.</param>
/// <param name="Tls">The certificates and the application protocols.</param>
/// <param name="MaxConnections">How many clients at a time; further ones are refused.</param>
/// <param name="MaxStreams">How many bidirectional streams a client may have open.</param>
/// <param name="IdleTimeout">How long a connection may be silent.</param>
/// <param name="FirstStreamTimeout">How long a client may take to open its first stream.</param>
internal sealed record QuicListenerOptions(
    IPEndPoint EndPoint,
    QuicTlsOptions Tls,
    int MaxConnections,
    int MaxStreams,
    TimeSpan IdleTimeout,
    TimeSpan FirstStreamTimeout)
{
    /// <summary>Whose handshakes and packet protection it uses.</summary>
    public QuicCrypto Crypto { get; init; } = QuicCrypto.Default;
}
