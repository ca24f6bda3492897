using System.Diagnostics.CodeAnalysis;

namespace MqttScion.Quic.Tests;

/// <summary>
/// A TLS whose steps are through when the test says so, as if another thread computed them. It throws when it is used
/// while it is busy.
/// </summary>
internal sealed class SlowTls(IQuicTls inner, Func<TimeSpan> due) : IQuicTls
{
    private Action? _step;

    public bool IsBusy => _step is not null;

    /// <summary>When the step under way is through.</summary>
    public TimeSpan? Due { get; private set; }

    /// <summary>How many CRYPTO bytes were handed in.</summary>
    public int BytesRead { get; private set; }

    /// <summary>True once disposed by its owner, be it busy or not.</summary>
    public bool IsDisposed { get; private set; }

    /// <summary>True once nothing is used any more.</summary>
    public bool IsReleased { get; private set; }

    public bool IsComplete => Idle.IsComplete;

    public QuicTlsFailure? Failure => Idle.Failure;

    public string? ApplicationProtocol => Idle.ApplicationProtocol;

    public byte[]? PeerTransportParameters => Idle.PeerTransportParameters;

    public byte[]? PeerCertificate => Idle.PeerCertificate;

    public bool IsResumed => Idle.IsResumed;

    public bool IsEarlyDataAccepted => Idle.IsEarlyDataAccepted;

    private IQuicTls Idle => IsBusy || IsDisposed ? throw new InvalidOperationException("TLS is busy or gone") : inner;

    public bool TryStart(ReadOnlySpan<byte> transportParameters)
    {
        var copy = transportParameters.ToArray();
        return Begin(tls => tls.TryStart(copy));
    }

    public bool TryReadHandshake(EncryptionLevel level, ReadOnlySpan<byte> data)
    {
        var copy = data.ToArray();
        BytesRead += copy.Length;
        return Begin(tls => tls.TryReadHandshake(level, copy));
    }

    public bool TryWriteHandshake(out EncryptionLevel level, [NotNullWhen(true)] out byte[]? data) =>
        Idle.TryWriteHandshake(out level, out data);

    public bool TryTakeSecrets([NotNullWhen(true)] out QuicTrafficSecrets? secrets) =>
        Idle.TryTakeSecrets(out secrets);

    public bool TryTakeTicket([NotNullWhen(true)] out QuicTlsTicket? ticket) => Idle.TryTakeTicket(out ticket);

    /// <summary>Ends the step under way, if any.</summary>
    public void Finish()
    {
        var step = _step;
        _step = null;
        Due = null;
        step?.Invoke();
        if (IsDisposed)
            Release();
    }

    public void Dispose()
    {
        IsDisposed = true;
        if (!IsBusy)
            Release();
    }

    private bool Begin(Action<IQuicTls> step)
    {
        var tls = Idle;
        _step = () => step(tls);
        Due = due();
        return true;
    }

    private void Release()
    {
        IsReleased = true;
        inner.Dispose();
    }
}
