using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using MqttScion.Quic;
using MqttScion.Udp;

namespace MqttScion.Transport;

/// <summary>
/// One QUIC stream as a duplex pipe. A full inbound pipe leaves the bytes in the stream, which withholds flow-control
/// credit from the peer; a stream without credit leaves the bytes in the outbound pipe, which makes its writer wait.
/// Where the peer cuts one direction, its pipe ends with a <see cref="QuicStreamAbortedException"/>. Lives on the loop.
/// </summary>
internal sealed class StreamPipe : IDuplexPipe
{
    private const int ChunkBytes = 16 * 1024;

    private readonly ConnectionApplication _owner;
    private readonly LoopConnection _connection;
    private readonly QuicStream _stream;
    private readonly Pipe _inbound;
    private readonly Pipe _outbound;
    private readonly Wakeup _wakeup;
    private Exception? _truncation;
    private bool _isOutputAbandoned;
    private bool _isFlushing;
    private bool _isWaitingForOutput;
    private ValueTaskAwaiter<FlushResult> _flush;
    private ValueTaskAwaiter<ReadResult> _read;

    /// <summary>Makes a pipe of a stream. On the loop.</summary>
    /// <param name="owner">Whose stream it is.</param>
    /// <param name="connection">The connection.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="isOurs">True when we opened it: a unidirectional one is written then, else read.</param>
    /// <param name="bufferBytes">How many bytes each direction buffers before it pushes back.</param>
    public StreamPipe(
        ConnectionApplication owner, LoopConnection connection, QuicStream stream, bool isOurs, int bufferBytes)
    {
        (_owner, _connection, _stream) = (owner, connection, stream);
        (CanRead, CanWrite) = (stream.IsBidirectional || !isOurs, stream.IsBidirectional || isOurs);
        // Continuations of the user's side go to the thread pool, ours are only a post to the loop.
        var options = new PipeOptions(
            pauseWriterThreshold: bufferBytes,
            resumeWriterThreshold: bufferBytes / 2,
            minimumSegmentSize: ChunkBytes,
            useSynchronizationContext: false);
        _inbound = new Pipe(options);
        _outbound = new Pipe(options);
        _wakeup = new Wakeup(this);
        if (!CanRead)
        {
            EndInput();
        }
        if (!CanWrite)
        {
            _isOutputAbandoned = true;
            EndOutput(new InvalidOperationException("The peer opened the stream for itself alone to write."));
        }
    }

    /// <summary>The stream itself. On the loop only.</summary>
    public QuicStream Stream => _stream;

    /// <summary>True when the peer may send on it.</summary>
    public bool CanRead { get; }

    /// <summary>True when we may send on it.</summary>
    public bool CanWrite { get; }

    /// <summary>True while the owner is going to look at it.</summary>
    public bool IsDue { get; set; }

    /// <summary>True while it is only waited for that the peer acknowledges the rest.</summary>
    public bool IsFinishing { get; set; }

    /// <summary>True when nothing moves any more, in either direction.</summary>
    public bool IsOver => IsInputDone && IsOutputDone;

    /// <summary>
    /// Why <see cref="Input"/> ended without the peer's end of the stream; null while it has not, and when it ended in
    /// order. Any thread.
    /// </summary>
    public Exception? Truncation => Volatile.Read(ref _truncation);

    /// <summary>True when the writer of <see cref="Output"/> is known to have completed it.</summary>
    public bool IsOutputCompleted { get; private set; }

    /// <summary>What the peer sent.</summary>
    public PipeReader Input => _inbound.Reader;

    /// <summary>What goes to the peer.</summary>
    public PipeWriter Output => _outbound.Writer;

    /// <summary>
    /// True when everything that came has been put into <see cref="Input"/>, or nobody reads it any more.
    /// </summary>
    public bool IsInputDone { get; private set; }

    /// <summary>
    /// True when the writer of <see cref="Output"/> has completed and all its bytes are in the stream.
    /// </summary>
    public bool IsOutputDone { get; private set; }

    /// <summary>
    /// True when the peer has acknowledged all of the finished output, or takes no more of it, or gets no more.
    /// </summary>
    public bool IsEverythingDelivered => IsOutputDone
        && (_isOutputAbandoned || _stream.IsEverythingAcknowledged || _stream.PeerStopCode is not null);

    /// <summary>How much of the output the peer has acknowledged.</summary>
    public long AcknowledgedBytes => _stream.AcknowledgedBytes;

    /// <summary>Moves what can be moved, both ways.</summary>
    /// <param name="closed">Why the connection has ended, or null while it is up.</param>
    public void Pump(Exception? closed)
    {
        PumpInput(closed);
        if (closed is null)
        {
            PumpOutput();
        }
        else if (!IsOutputDone)
        {
            EndOutput(closed);
        }
    }

    /// <summary>Wants no more of the peer; callable from any thread.</summary>
    public void AbortRead(ulong code) => _connection.Post(new AbortWork(this, code, IsRead: true));

    /// <summary>Sends no more, and what the peer has not got is lost; callable from any thread.</summary>
    public void AbortWrite(ulong code) => _connection.Post(new AbortWork(this, code, IsRead: false));

    /// <summary>Ends both directions without waiting for anything.</summary>
    public void Abort(Exception cause)
    {
        if (!IsInputDone)
        {
            EndInputPlainly(cause);
        }
        if (!IsOutputDone)
        {
            EndOutput(cause);
        }
    }

    [SuppressMessage("Reliability", "CA2012", Justification = "One flush at a time; its result is taken once.")]
    private void PumpInput(Exception? closed)
    {
        while (!IsInputDone)
        {
            if (_isFlushing)
            {
                if (!_flush.IsCompleted)
                {
                    return;
                }
                _isFlushing = false;
                if (IsReaderGone())
                {
                    _stream.StopSending(0);
                    EndInput();
                    return;
                }
            }
            // The pipe takes a buffer when it is asked for one, and keeps it until something is put in.
            if (_stream.ReadableBytes == 0)
            {
                EndInputIfOver(closed);
                return;
            }
            var count = _stream.Read(_inbound.Writer.GetSpan(ChunkBytes));
            _inbound.Writer.Advance(count);
            if (!TryBeginFlush())
            {
                _stream.StopSending(0);
                EndInput();
                return;
            }
            _isFlushing = true;
            if (!_flush.IsCompleted)
            {
                _flush.UnsafeOnCompleted(_wakeup.Post);
            }
        }
    }

    // The end of the pipe is plain even where that of the connection was not: a pipe that is completed with an error
    // withholds the bytes that are still in it. The connection's end tells why. After a reset alone, nothing else would
    // tell, and the bytes are void (RFC 9000 §3.2 lets a receiver drop them).
    private void EndInputIfOver(Exception? closed)
    {
        if (_stream.PeerResetCode is { } code)
        {
            EndInput(QuicStreamAbortedException.Reset(_owner.Remote, code));
        }
        else if (_stream.IsReadFinished)
        {
            // The end may have come alone: taking it lets the connection forget the stream, and the peer open another.
            _stream.Advance(0);
            EndInput();
        }
        else if (closed is not null)
        {
            EndInputPlainly(closed);
        }
    }

    private void PumpOutput()
    {
        if (_stream.PeerStopCode is { } code && !IsOutputDone)
        {
            EndOutput(QuicStreamAbortedException.Stopped(_owner.Remote, code));
        }
        while (!IsOutputDone)
        {
            if (_isWaitingForOutput && !_read.IsCompleted)
            {
                return;
            }
            if (!TryRead(out var result))
            {
                (IsOutputDone, _isOutputAbandoned) = (true, true);
                _stream.Reset(0);
                _outbound.Reader.Complete();
                return;
            }
            if (_isWaitingForOutput || !TryWrite(result))
            {
                return;
            }
        }
    }

    // Either side of a pipe may be completed with the user's error, which comes out here: it must not end the loop.
    [SuppressMessage("Reliability", "CA2012", Justification = "One flush at a time; its result is taken once.")]
    private bool TryBeginFlush()
    {
        try
        {
            _flush = _inbound.Writer.FlushAsync().GetAwaiter();
            return true;
        }
        catch (Exception)
        {
            return false;
        }
    }

    private bool IsReaderGone()
    {
        try
        {
            return _flush.GetResult().IsCompleted;
        }
        catch (Exception)
        {
            return true;
        }
    }

    // False when the writer has failed; true without a result when it has to be waited for.
    [SuppressMessage("Reliability", "CA2012", Justification = "One read at a time; its result is taken once.")]
    private bool TryRead(out ReadResult result)
    {
        result = default;
        try
        {
            if (!_isWaitingForOutput)
            {
                _read = _outbound.Reader.ReadAsync().GetAwaiter();
            }
            if (_read.IsCompleted)
            {
                _isWaitingForOutput = false;
                result = _read.GetResult();
            }
            else
            {
                _isWaitingForOutput = true;
                _read.UnsafeOnCompleted(_wakeup.Post);
            }
            return true;
        }
        catch (Exception)
        {
            return false;
        }
    }

    // False when the stream takes no more now.
    private bool TryWrite(ReadResult result)
    {
        IsOutputCompleted = result.IsCompleted;
        var written = 0L;
        foreach (var segment in result.Buffer)
        {
            var count = _stream.Write(segment.Span);
            written += count;
            if (count < segment.Length)
            {
                break;
            }
        }
        var isAll = written == result.Buffer.Length;
        _outbound.Reader.AdvanceTo(result.Buffer.GetPosition(written));
        if (isAll && result.IsCompleted)
        {
            IsOutputDone = true;
            _stream.Finish();
            _outbound.Reader.Complete();
        }
        return isAll;
    }

    private void EndInputPlainly(Exception cause)
    {
        Volatile.Write(ref _truncation, cause);
        EndInput();
    }

    private void EndInput(Exception? cause = null)
    {
        IsInputDone = true;
        _inbound.Writer.Complete(cause);
    }

    private void EndOutput(Exception cause)
    {
        // The writer learns of the end from its next flush.
        IsOutputDone = true;
        _outbound.Reader.Complete(cause);
    }

    private sealed class Wakeup : ILoopWork
    {
        private readonly StreamPipe _pipe;

        public Wakeup(StreamPipe pipe)
        {
            _pipe = pipe;
            Post = () => pipe._connection.Post(this);
        }

        public Action Post { get; }

        public void Run(TimeSpan now) => _pipe._owner.MarkDue(_pipe);
    }

    private sealed record AbortWork(StreamPipe Pipe, ulong Code, bool IsRead) : ILoopWork
    {
        public void Run(TimeSpan now)
        {
            if (IsRead && !Pipe.IsInputDone)
            {
                Pipe._stream.StopSending(Code);
                Pipe.EndInput(new OperationCanceledException("The reading side of the stream was aborted here."));
            }
            else if (!IsRead && !Pipe.IsOutputDone)
            {
                Pipe._stream.Reset(Code);
                Pipe._isOutputAbandoned = true;
                Pipe.EndOutput(new OperationCanceledException("The writing side of the stream was aborted here."));
            }
            Pipe._owner.MarkDue(Pipe);
        }
    }
}
