using System.Diagnostics.CodeAnalysis;
using MqttScion.Udp;

namespace MqttScion;

/// <summary>A QUIC connection that carries MQTT.</summary>
internal sealed class QuicMqttTransport(LoopConnection connection) : IMqttTransport
{
    public bool Post(ILoopWork work) => connection.Post(work);

    public void MarkDirty() => connection.MarkDirty();

    public bool TryOpenStream([NotNullWhen(true)] out IMqttStream? stream)
    {
        stream = connection.Quic.TryOpenStream(bidirectional: true, out var opened) ? new QuicMqttStream(opened) : null;
        return stream is not null;
    }

    public void Close(TimeSpan now)
    {
        connection.Quic.Close(applicationErrorCode: 0, "", now);
        connection.MarkDirty();
    }
}
