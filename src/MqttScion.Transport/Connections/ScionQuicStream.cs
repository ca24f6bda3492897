using System.IO.Pipelines;
using System.Runtime.ExceptionServices;

namespace MqttScion;

/// <summary>
/// A QUIC stream (RFC 9000 §2), as a <see cref="Stream"/> and as a duplex pipe: use one of the two for each direction.
/// What the peer does not take yet makes a write wait; what nobody reads makes the peer wait.
/// </summary>
/// <remarks>
/// One thread may read while another writes. As a stream, a read fails when the peer or the connection cut the stream
/// short, so that a part is never taken for the whole. As a pipe, <see cref="Input"/> gives all that came and then ends
/// also when the connection was lost: <see cref="ScionQuicConnection.Ended"/> tells why.
/// </remarks>
public sealed class ScionQuicStream : Stream, IDuplexPipe
{
    private readonly StreamPipe _pipe;
    private int _disposed;

    internal ScionQuicStream(StreamPipe pipe)
    {
        _pipe = pipe;
        Id = pipe.Stream.Id;
    }

    /// <summary>The stream's id (RFC 9000 §2.1).</summary>
    public long Id { get; }

    /// <summary>What the peer sent.</summary>
    public PipeReader Input => _pipe.Input;

    /// <summary>What goes to the peer.</summary>
    public PipeWriter Output => _pipe.Output;

    /// <inheritdoc/>
    public override bool CanRead => _pipe.CanRead;

    /// <inheritdoc/>
    public override bool CanWrite => _pipe.CanWrite;

    /// <summary>False.</summary>
    public override bool CanSeek => false;

    /// <summary>Not supported.</summary>
    public override long Length => throw new NotSupportedException();

    /// <summary>Not supported.</summary>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    // Made when they are first asked for, and kept by the pipe: who uses the pipe needs none.
    private Stream Reading => _pipe.Input.AsStream(leaveOpen: true);

    private Stream Writing => _pipe.Output.AsStream(leaveOpen: true);

    /// <summary>Ends our side after what was written: the peer sees the end of the stream.</summary>
    public void CompleteWrites() => _pipe.Output.Complete();

    /// <summary>Wants no more of the peer, which learns the code (STOP_SENDING, RFC 9000 §3.5).</summary>
    /// <param name="errorCode">The application error code, below 2^62.</param>
    public void AbortRead(ulong errorCode)
    {
        ApplicationErrorCode.ThrowIfTooLarge(errorCode);
        _pipe.AbortRead(errorCode);
    }

    /// <summary>Abandons our side; the peer learns the code (RESET_STREAM, RFC 9000 §3.1), and what it has not got is
    /// lost.</summary>
    /// <param name="errorCode">The application error code, below 2^62.</param>
    public void AbortWrite(ulong errorCode)
    {
        ApplicationErrorCode.ThrowIfTooLarge(errorCode);
        _pipe.AbortWrite(errorCode);
    }

    /// <summary>Reads what has come; 0 at the peer's end of the stream.</summary>
    /// <exception cref="QuicStreamAbortedException">The peer reset the stream.</exception>
    /// <exception cref="QuicConnectionException">The connection ended before the stream did.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        EnsureCan(CanRead, "read");
        return Counted(await Reading.ReadAsync(buffer, cancellationToken).ConfigureAwait(false), buffer.Length);
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Blocks the thread: prefer <see cref="ReadAsync(Memory{byte}, CancellationToken)"/>.</summary>
    public override int Read(byte[] buffer, int offset, int count)
    {
        EnsureCan(CanRead, "read");
        return Counted(Reading.Read(buffer, offset, count), count);
    }

    /// <summary>Sends bytes; waits while the peer takes no more.</summary>
    /// <exception cref="QuicStreamAbortedException">The peer takes no more of the stream.</exception>
    /// <exception cref="QuicConnectionException">The connection is over.</exception>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        EnsureCan(CanWrite, "written");
        return Writing.WriteAsync(buffer, cancellationToken);
    }

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Blocks the thread: prefer <see cref="WriteAsync(ReadOnlyMemory{byte}, CancellationToken)"/>.</summary>
    public override void Write(byte[] buffer, int offset, int count)
    {
        EnsureCan(CanWrite, "written");
        Writing.Write(buffer, offset, count);
    }

    /// <summary>Does nothing: what was written is on its way.</summary>
    public override void Flush()
    {
    }

    /// <summary>Does nothing: what was written is on its way.</summary>
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Not supported.</summary>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <summary>Not supported.</summary>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>Ends our side in order, and wants no more of the peer, which learns code 0 if it has more.</summary>
    protected override void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _pipe.Output.Complete();
            _pipe.Input.Complete();
            _pipe.AbortRead(0); // The loop would learn of it only with the next bytes.
        }
        base.Dispose(disposing);
    }

    // Nothing read is the end, unless it is one that the peer did not mean.
    private int Counted(int readBytes, int roomBytes)
    {
        if (readBytes == 0 && roomBytes > 0 && _pipe.Truncation is { } cause)
        {
            ExceptionDispatchInfo.Throw(cause);
        }
        return readBytes;
    }

    private static void EnsureCan(bool can, string what)
    {
        if (!can)
        {
            throw new NotSupportedException($"The stream is unidirectional: it can't be {what} at this end.");
        }
    }
}
