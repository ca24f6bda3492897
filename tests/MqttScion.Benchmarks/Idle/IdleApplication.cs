using MqttScion.Quic;

namespace MqttScion.Benchmarks;

/// <summary>
/// A client that is confirmed, has exchanged a message on its stream where it opens one, and is idle.
/// </summary>
internal sealed class IdleApplication(bool opensStream) : IConnectionApplication
{
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LoopConnection? _connection;
    private QuicStream? _stream;

    public TimeSpan? NextTimeout => null;

    public bool IsFinished => true;

    public Task Ready => _ready.Task;

    public void Attach(LoopConnection connection, TimeSpan now) => _connection = connection;

    public void OnEvent(in QuicEvent e, TimeSpan now)
    {
        if (e.Kind == QuicEventKind.HandshakeConfirmed)
        {
            if (opensStream && _connection!.Quic.TryOpenStream(true, out _stream))
                _stream.Write("hello, broker"u8);
            _ready.SetResult();
        }
        else if (e.Kind == QuicEventKind.Closed)
        {
            _ready.TrySetException(new InvalidOperationException(e.Close!.Reason));
        }
    }

    public void Pump(TimeSpan now)
    {
        Span<byte> bytes = stackalloc byte[64];
        while (_stream?.Read(bytes) > 0)
        {
        }
    }

    public void OnTimeout(TimeSpan now)
    {
    }

    public void OnLoopEnded(Exception cause) => _ready.TrySetException(cause);
}
