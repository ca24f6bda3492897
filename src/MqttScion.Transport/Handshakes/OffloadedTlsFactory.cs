using MqttScion.Quic;

namespace MqttScion.Transport;

/// <summary>Makes the handshakes of one loop such that workers compute them.</summary>
/// <param name="inner">Makes the handshakes themselves; stays the caller's.</param>
/// <param name="workers">The workers; stay the caller's.</param>
/// <param name="renew">
/// Called on the loop for each server's handshake, whose first step waits for the task, which must not fail; null for
/// nothing to wait for.
/// </param>
internal sealed class OffloadedTlsFactory(
    IQuicTlsFactory inner, HandshakeWorkers workers, Func<Task>? renew = null) : IQuicTlsFactory
{
    private EndpointLoop? _loop;
    private OffloadedTls? _created;

    /// <summary>Names the loop; called once, before the first handshake.</summary>
    public void Attach(EndpointLoop loop) => _loop = loop;

    public IQuicTls CreateClient(string serverName, ReadOnlySpan<byte> session, bool offersEarlyData) =>
        Wrap(inner.CreateClient(serverName, session, offersEarlyData), isServer: false, ready: null);

    public IQuicTls CreateServer(ReadOnlySpan<byte> ticketContext, bool acceptsEarlyData) =>
        Wrap(inner.CreateServer(ticketContext, acceptsEarlyData), isServer: true, renew?.Invoke());

    /// <summary>Tells the handshake that was created last which connection it was created for. On the loop.</summary>
    public void Bind(QuicConnection connection)
    {
        _created!.Connection = connection;
        _created = null;
    }

    public void Dispose()
    {
        // What it is made of is its maker's.
    }

    private OffloadedTls Wrap(IQuicTls tls, bool isServer, Task? ready) =>
        _created = new OffloadedTls(tls, isServer, workers, _loop!.Post, ready);
}
