namespace MqttScion.Transport.Tests;

/// <summary>Both ends of a connection, and the listener that accepted it.</summary>
public sealed record ConnectionPair(ScionQuicListener Listener, ScionQuicConnection Client, ScionQuicConnection Server)
    : IAsyncDisposable
{
    /// <summary>A stream that the client opened, at both ends, with one byte that was sent on it.</summary>
    public async Task<(ScionQuicStream Client, ScionQuicStream Server)> OpenAsync(bool bidirectional = true)
    {
        var opened = await Client.OpenStreamAsync(bidirectional).AsTask().WaitAsync(TransportWorld.Patience);
        await opened.WriteAsync(new byte[1]);
        var accepted = await Server.AcceptStreamAsync().AsTask().WaitAsync(TransportWorld.Patience);
        await accepted.ReadExactlyAsync(new byte[1]).AsTask().WaitAsync(TransportWorld.Patience);
        return (opened, accepted);
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await Server.DisposeAsync();
        await Listener.DisposeAsync();
    }
}
