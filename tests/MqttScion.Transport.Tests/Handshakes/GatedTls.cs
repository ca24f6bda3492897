using System.Diagnostics.CodeAnalysis;
using MqttScion.Quic;

namespace MqttScion.Transport.Tests;

/// <summary>A handshake whose steps stop at a gate until the test opens it, and that may fail there.</summary>
internal sealed class GatedTls(ManualResetEventSlim gate, IQuicTls? inner = null) : IQuicTls
{
    private int _readCount;

    /// <summary>Set when a step has reached the gate.</summary>
    public ManualResetEventSlim Reached { get; } = new();

    /// <summary>Set when the handshake is disposed.</summary>
    public ManualResetEventSlim Disposed { get; } = new();

    /// <summary>The thread of the last step.</summary>
    public int ThreadId { get; private set; }

    /// <summary>The bytes of all steps.</summary>
    public List<byte> Input { get; } = [];

    public int ReadCount => Volatile.Read(ref _readCount);

    /// <summary>What the next step throws.</summary>
    public Exception? Defect { get; set; }

    public bool IsBusy => false;

    public bool IsComplete => inner?.IsComplete ?? false;

    public bool IsResumed => inner?.IsResumed ?? false;

    public bool IsEarlyDataAccepted => inner?.IsEarlyDataAccepted ?? false;

    public QuicTlsFailure? Failure => inner?.Failure;

    public string? ApplicationProtocol => inner?.ApplicationProtocol;

    public byte[]? PeerTransportParameters => inner?.PeerTransportParameters;

    public byte[]? PeerCertificate => inner?.PeerCertificate;

    public bool TryStart(ReadOnlySpan<byte> transportParameters)
    {
        ThreadId = Environment.CurrentManagedThreadId;
        return inner?.TryStart(transportParameters) ?? true;
    }

    public bool TryReadHandshake(EncryptionLevel level, ReadOnlySpan<byte> data)
    {
        ThreadId = Environment.CurrentManagedThreadId;
        Reached.Set();
        gate.Wait(TimeSpan.FromSeconds(30)).Should().BeTrue("the test opens the gate");
        Disposed.IsSet.Should().BeFalse("nobody disposes a handshake under a step");
        Input.AddRange(data);
        var result = inner?.TryReadHandshake(level, data) ?? true;
        Interlocked.Increment(ref _readCount);
        return Defect is null ? result : throw Defect;
    }

    public bool TryWriteHandshake(out EncryptionLevel level, [NotNullWhen(true)] out byte[]? data)
    {
        (level, data) = (default, null);
        return inner?.TryWriteHandshake(out level, out data) ?? false;
    }

    public bool TryTakeSecrets([NotNullWhen(true)] out QuicTrafficSecrets? secrets)
    {
        secrets = null;
        return inner?.TryTakeSecrets(out secrets) ?? false;
    }

    public bool TryTakeTicket([NotNullWhen(true)] out QuicTlsTicket? ticket)
    {
        ticket = null;
        return inner?.TryTakeTicket(out ticket) ?? false;
    }

    public void Dispose()
    {
        Disposed.Set();
        inner?.Dispose();
    }
}
