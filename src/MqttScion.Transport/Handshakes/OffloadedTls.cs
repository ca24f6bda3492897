using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using MqttScion.Quic;
using MqttScion.Udp;

namespace MqttScion.Transport;

/// <summary>
/// A handshake whose steps are computed by <see cref="HandshakeWorkers"/>. The loop hands a step over, a worker
/// computes it and posts this object to the loop, which lets the connection take the outcome.
/// </summary>
/// <remarks>
/// <para>Every member but <see cref="Compute"/> belongs to the loop. Inner handshake, input and defect are one thread's
/// at a time: the workers' queue hands them over to the worker, the loop's queue hands them back.</para>
/// <para>A server's first step waits, with no thread, until what it needs is ready.</para>
/// <para>States: Idle → Computing (a step is handed over) → Idle (it is computed, the loop is being told) …, and
/// Disposed from either; who leaves Computing last disposes the inner handshake.</para>
/// </remarks>
internal sealed class OffloadedTls(
    IQuicTls inner, bool isServer, HandshakeWorkers workers, Func<ILoopWork, bool> post, Task? ready = null)
    : IQuicTls, ILoopWork
{
    private const int Idle = 0;
    private const int Computing = 1;
    private const int Disposed = 2;

    private byte[] _input = [];
    private int _inputLength;
    private EncryptionLevel? _inputLevel;
    private ExceptionDispatchInfo? _defect;
    private Task? _ready = ready;
    private int _state;

    /// <summary>The connection that the handshake belongs to; set before the loop runs what is posted to it.</summary>
    public QuicConnection? Connection { get; set; }

    public bool IsBusy { get; private set; }

    public bool IsComplete => inner.IsComplete;

    public bool IsResumed => inner.IsResumed;

    public bool IsEarlyDataAccepted => inner.IsEarlyDataAccepted;

    public QuicTlsFailure? Failure => inner.Failure;

    public string? ApplicationProtocol => inner.ApplicationProtocol;

    public byte[]? PeerTransportParameters => inner.PeerTransportParameters;

    public byte[]? PeerCertificate => inner.PeerCertificate;

    public bool TryStart(ReadOnlySpan<byte> transportParameters)
    {
        // A server only keeps the parameters until the client's first message comes.
        if (isServer)
        {
            return inner.TryStart(transportParameters);
        }
        Begin(level: null, transportParameters);
        return true;
    }

    public bool TryReadHandshake(EncryptionLevel level, ReadOnlySpan<byte> data)
    {
        Begin(level, data);
        return true;
    }

    public bool TryWriteHandshake(out EncryptionLevel level, [NotNullWhen(true)] out byte[]? data) =>
        inner.TryWriteHandshake(out level, out data);

    public bool TryTakeSecrets([NotNullWhen(true)] out QuicTrafficSecrets? secrets) =>
        inner.TryTakeSecrets(out secrets);

    public bool TryTakeTicket([NotNullWhen(true)] out QuicTlsTicket? ticket) => inner.TryTakeTicket(out ticket);

    /// <summary>Computes the step that was handed over. On a worker.</summary>
    public void Compute()
    {
        if (Volatile.Read(ref _state) != Disposed)
        {
            ComputeStep();
        }
        if (Interlocked.CompareExchange(ref _state, Idle, Computing) == Disposed)
        {
            inner.Dispose();
        }
        else
        {
            post(this); // A loop that has ended disposes its connections, and with them this.
        }
    }

    /// <summary>The outcome has come back to the loop.</summary>
    public void Run(TimeSpan now)
    {
        if (_state == Disposed)
        {
            return;
        }
        IsBusy = false;
        _defect?.Throw();
        Connection!.OnTlsProgress(now);
        ((LoopConnection)Connection.Owner!).MarkDirty();
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _state, Disposed) == Idle)
        {
            inner.Dispose();
        }
    }

    private void Begin(EncryptionLevel? level, ReadOnlySpan<byte> input)
    {
        ObjectDisposedException.ThrowIf(_state == Disposed, this);
        if (IsBusy)
        {
            throw new InvalidOperationException("a step of the handshake is still being computed");
        }
        _input = ArrayPool<byte>.Shared.Rent(input.Length);
        input.CopyTo(_input);
        (_inputLength, _inputLevel) = (input.Length, level);
        Volatile.Write(ref _state, Computing);
        if (_ready is { IsCompleted: false } ready)
        {
            IsBusy = true;
            _ = PostWhenAsync(ready);
            return;
        }
        // The endpoint's bound on handshakes leaves room for all of them; without room the loop does the work.
        IsBusy = workers.TryPost(this);
        if (!IsBusy)
        {
            _state = Idle;
            ComputeStep();
            _defect?.Throw();
        }
    }

    private async Task PostWhenAsync(Task ready)
    {
        await ready.ConfigureAwait(false);
        _ready = null;
        if (!workers.TryPost(this))
        {
            Compute();
        }
    }

    private void ComputeStep()
    {
        try
        {
            var input = _input.AsSpan(0, _inputLength);
            // What it returns, its failure says as well.
            _ = _inputLevel is { } level ? inner.TryReadHandshake(level, input) : inner.TryStart(input);
        }
        catch (Exception e)
        {
            // Nothing that a peer sends may throw: it is the loop that reports a defect of ours and ends by it.
            _defect = ExceptionDispatchInfo.Capture(e);
        }
        ArrayPool<byte>.Shared.Return(_input);
        _input = [];
    }
}
