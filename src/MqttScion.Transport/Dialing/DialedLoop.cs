using MqttScion.Scion;

namespace MqttScion.Transport;

/// <summary>
/// A loop with one outgoing connection, what keeps the connection on a usable SCION path, and the TLS credentials.
/// </summary>
internal sealed class DialedLoop(EndpointLoop loop, PathFollower? follower, IDisposable tls, QlogFiles? qlog)
    : IAsyncDisposable
{
    /// <summary>The SCION path on which packets leave now; null on IP.</summary>
    public ScionPath? Path => follower?.Current;

    public async ValueTask DisposeAsync()
    {
        follower?.Dispose();
        await loop.DisposeAsync().ConfigureAwait(false);
        tls.Dispose();
        if (qlog is not null)
        {
            await qlog.WhenWrittenAsync().ConfigureAwait(false);
        }
    }
}
