using System.Runtime.CompilerServices;
using MqttScion.Quic;

namespace MqttScion.Benchmarks;

/// <summary>Returns what comes on the first stream; counts the handshakes that were confirmed.</summary>
internal sealed class EchoApplication(StrongBox<long> confirmedCount) : IConnectionApplication
{
    private readonly byte[] _bytes = new byte[2048];
    private LoopConnection? _connection;
    private QuicStream? _stream;

    public TimeSpan? NextTimeout => null;

    public bool IsFinished => true;

    public void Attach(LoopConnection connection, TimeSpan now) => _connection = connection;

    public void OnEvent(in QuicEvent e, TimeSpan now)
    {
        if (e.Kind == QuicEventKind.HandshakeConfirmed)
            Volatile.Write(ref confirmedCount.Value, confirmedCount.Value + 1);
        else if (e.Kind == QuicEventKind.StreamOpened)
            _connection!.Quic.TryGetStream(e.StreamId, out _stream);
    }

    public void Pump(TimeSpan now)
    {
        while (_stream?.Read(_bytes) is > 0 and var length)
            _stream.Write(_bytes.AsSpan(0, length));
    }

    public void OnTimeout(TimeSpan now)
    {
    }

    public void OnLoopEnded(Exception cause)
    {
    }
}
