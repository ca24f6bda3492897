using MqttScion.Quic;

namespace MqttScion;

/// <summary>A QUIC stream that carries MQTT.</summary>
internal sealed class QuicMqttStream(QuicStream stream) : IMqttStream
{
    public bool IsReadFinished => stream.IsReadFinished;

    public bool IsReset => stream.PeerResetCode is not null || stream.PeerStopCode is not null;

    public bool IsEverythingAcknowledged => stream.IsEverythingAcknowledged;

    public ReadOnlySpan<byte> Peek() => stream.Peek();

    public void Advance(int count) => stream.Advance(count);

    public int Write(ReadOnlySpan<byte> data) => stream.Write(data);

    public void Finish() => stream.Finish();

    public void Reset(ulong code)
    {
        stream.Reset(code);
        stream.StopSending(code);
    }

    public void Prefer() => stream.Urgency = QuicStream.MostUrgent;
}
