namespace MqttScion;

/// <summary>A loop with one outgoing connection, and the TLS credentials that it uses.</summary>
internal sealed class DialedLoop(EndpointLoop loop, IDisposable tls) : IAsyncDisposable
{
    public async ValueTask DisposeAsync()
    {
        await loop.DisposeAsync().ConfigureAwait(false);
        tls.Dispose();
    }
}
