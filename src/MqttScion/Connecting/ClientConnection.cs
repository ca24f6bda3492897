using MqttScion.Mqtt;
using MqttScion.Scion;

namespace MqttScion;

/// <summary>A connection on which the server has accepted the CONNECT.</summary>
internal sealed record ClientConnection(
    MqttApplication Application,
    MqttEndPoint Server,
    ScionPath? Path,
    MqttClientConnectResult Result,
    IAsyncDisposable Loop) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Loop.DisposeAsync();
}
