using MqttScion.Scion;

namespace MqttScion;

/// <summary>What a <see cref="ScionQuicConnection"/> is in: connected once, and then closed for good.</summary>
public abstract record ScionQuicConnectionState
{
    private ScionQuicConnectionState()
    {
    }

    /// <summary>The handshake is done.</summary>
    /// <param name="Remote">The other end.</param>
    /// <param name="Path">The SCION path on which it was made; null on plain IP, and where the peer chose it.</param>
    public sealed record Connected(ServerAddress Remote, ScionPath? Path) : ScionQuicConnectionState;

    /// <summary>It is over.</summary>
    /// <param name="Reason">Why.</param>
    public sealed record Closed(Exception Reason) : ScionQuicConnectionState;
}
