using System.Buffers.Binary;
using System.Diagnostics;
using MqttScion.Quic;
using MqttScion.Udp;

namespace MqttScion.Benchmarks;

/// <summary>
/// Sends a small message at a fixed pace, whatever becomes of those before, and takes the time until each is back.
/// </summary>
internal sealed class PacedApplication(TimeSpan interval) : IConnectionApplication
{
    private const int MessageBytes = 64;

    private readonly byte[] _message = new byte[MessageBytes];
    private readonly List<double> _microseconds = new(100_000);
    private LoopConnection? _connection;
    private QuicStream? _stream;

    public TimeSpan? NextTimeout { get; private set; }

    public bool IsFinished => true;

    /// <summary>Completes when the connection has its stream.</summary>
    public TaskCompletionSource Ready { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Attach(LoopConnection connection, TimeSpan now) => _connection = connection;

    /// <summary>Gives and forgets the times taken so far, in microseconds.</summary>
    public Task<double[]> TakeAsync()
    {
        var taken = new TaskCompletionSource<double[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        _connection!.Post(new Work(_ =>
        {
            taken.SetResult([.. _microseconds]);
            _microseconds.Clear();
        }));
        return taken.Task;
    }

    public void OnEvent(in QuicEvent e, TimeSpan now)
    {
        if (e.Kind == QuicEventKind.HandshakeConfirmed && _connection!.Quic.TryOpenStream(true, out _stream))
        {
            NextTimeout = now + interval;
            Ready.SetResult();
        }
        else if (e.Kind == QuicEventKind.Closed)
        {
            Ready.TrySetException(new InvalidOperationException(e.Close!.Reason));
        }
    }

    public void Pump(TimeSpan now)
    {
        while (_stream?.ReadableBytes >= MessageBytes)
        {
            _stream.Read(_message);
            _microseconds.Add(Stopwatch.GetElapsedTime(BinaryPrimitives.ReadInt64LittleEndian(_message))
                .TotalMicroseconds);
        }
    }

    public void OnTimeout(TimeSpan now)
    {
        NextTimeout = now + interval;
        BinaryPrimitives.WriteInt64LittleEndian(_message, Stopwatch.GetTimestamp());
        _stream!.Write(_message);
    }

    public void OnLoopEnded(Exception cause) => Ready.TrySetException(cause);

    private sealed class Work(Action<TimeSpan> run) : ILoopWork
    {
        public void Run(TimeSpan now) => run(now);
    }
}
