using MqttScion.Quic;

namespace MqttScion.Benchmarks;

/// <summary>A client that goes as soon as its handshake is confirmed.</summary>
internal sealed class HandshakeOnlyApplication(Action<QuicCloseReason, TimeSpan> onOver) : IConnectionApplication
{
    private LoopConnection? _connection;
    private TimeSpan _startedAt;
    private TimeSpan _confirmedAfter;

    public TimeSpan? NextTimeout => null;

    public bool IsFinished => true;

    public void Attach(LoopConnection connection, TimeSpan now) => (_connection, _startedAt) = (connection, now);

    public void OnEvent(in QuicEvent e, TimeSpan now)
    {
        if (e.Kind == QuicEventKind.HandshakeConfirmed)
        {
            _confirmedAfter = now - _startedAt;
            _connection!.Quic.Close(0, "done", now);
        }
        else if (e.Kind == QuicEventKind.Closed)
        {
            onOver(e.Close!, _confirmedAfter);
        }
    }

    public void Pump(TimeSpan now)
    {
    }

    public void OnTimeout(TimeSpan now)
    {
    }

    public void OnLoopEnded(Exception cause)
    {
    }
}
