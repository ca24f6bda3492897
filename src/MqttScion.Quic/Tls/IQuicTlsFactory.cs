namespace MqttScion.Quic;

/// <summary>Makes one <see cref="IQuicTls"/> per connection from credentials that are loaded once.</summary>
public interface IQuicTlsFactory : IDisposable
{
    /// <summary>
    /// Makes the client side of a handshake. <paramref name="serverName"/> is the name (DNS or IP text) that the
    /// server's certificate must carry; it is always checked.
    /// </summary>
    IQuicTls CreateClient(string serverName);

    /// <summary>Makes the server side of a handshake.</summary>
    IQuicTls CreateServer();
}
