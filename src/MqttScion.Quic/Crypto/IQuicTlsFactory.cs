namespace MqttScion.Quic;

/// <summary>Makes one <see cref="IQuicTls"/> per connection from credentials that are loaded once.</summary>
public interface IQuicTlsFactory : IDisposable
{
    /// <summary>
    /// Makes the client side of a handshake. <paramref name="serverName"/> is the name (DNS or IP text) that the
    /// server's certificate must carry; it is always checked.
    /// </summary>
    /// <param name="serverName">The name.</param>
    /// <param name="session">
    /// <see cref="QuicTlsTicket.Session"/> to resume; when empty, unusable, or the server's certificates in it are not
    /// good (any more), the handshake is a full one.
    /// </param>
    /// <param name="offersEarlyData">Whether to offer early data if the ticket allows it.</param>
    IQuicTls CreateClient(string serverName, ReadOnlySpan<byte> session = default, bool offersEarlyData = false);

    /// <summary>Makes the server side of a handshake.</summary>
    /// <param name="ticketContext">
    /// What must be the same when a session is resumed as when its ticket was issued; else the handshake is a full one.
    /// </param>
    /// <param name="acceptsEarlyData">Whether to take early data, and to issue tickets that allow it.</param>
    IQuicTls CreateServer(ReadOnlySpan<byte> ticketContext = default, bool acceptsEarlyData = false);
}
