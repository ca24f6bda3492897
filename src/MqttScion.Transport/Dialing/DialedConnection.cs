using MqttScion.Scion;

namespace MqttScion.Transport;

/// <summary>An outgoing connection, on a loop of its own, and what keeps it on a usable SCION path.</summary>
/// <typeparam name="TApplication">What it carries.</typeparam>
public sealed class DialedConnection<TApplication> : IAsyncDisposable
    where TApplication : IDialedApplication
{
    private readonly DialedLoop _loop;

    internal DialedConnection(TApplication application, ServerRoute route, DialedLoop loop) =>
        (Application, Route, _loop) = (application, route, loop);

    /// <summary>What it carries.</summary>
    public TApplication Application { get; }

    /// <summary>The route on which it was made.</summary>
    public ServerRoute Route { get; }

    /// <summary>The SCION path on which packets leave now; null on IP. Any thread may ask.</summary>
    public ScionPath? Path => _loop.Path;

    /// <summary>Ends the loop, and the connection without a goodbye: close it first.</summary>
    public ValueTask DisposeAsync() => _loop.DisposeAsync();
}
