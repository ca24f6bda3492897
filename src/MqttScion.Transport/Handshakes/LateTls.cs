using System.Diagnostics.CodeAnalysis;
using MqttScion.Quic;

namespace MqttScion.Transport;

/// <summary>
/// A server's handshake that is made with the client's first message, on whatever thread takes that, and not before.
/// </summary>
/// <param name="create">Makes the handshake itself.</param>
internal sealed class LateTls(Func<IQuicTls> create) : IQuicTls
{
    private byte[]? _transportParameters;
    private IQuicTls? _inner;

    public bool IsBusy => _inner?.IsBusy ?? false;

    public bool IsComplete => _inner?.IsComplete ?? false;

    public bool IsResumed => _inner?.IsResumed ?? false;

    public bool IsEarlyDataAccepted => _inner?.IsEarlyDataAccepted ?? false;

    public QuicTlsFailure? Failure => _inner?.Failure;

    public string? ApplicationProtocol => _inner?.ApplicationProtocol;

    public byte[]? PeerTransportParameters => _inner?.PeerTransportParameters;

    public byte[]? PeerCertificate => _inner?.PeerCertificate;

    public bool TryStart(ReadOnlySpan<byte> transportParameters)
    {
        _transportParameters = transportParameters.ToArray();
        return true;
    }

    public bool TryReadHandshake(EncryptionLevel level, ReadOnlySpan<byte> data)
    {
        if (_inner is null)
        {
            _inner = create();
            if (!_inner.TryStart(_transportParameters))
            {
                return false;
            }
        }
        return _inner.TryReadHandshake(level, data);
    }

    public bool TryWriteHandshake(out EncryptionLevel level, [NotNullWhen(true)] out byte[]? data)
    {
        (level, data) = (default, null);
        return _inner?.TryWriteHandshake(out level, out data) ?? false;
    }

    public bool TryTakeSecrets([NotNullWhen(true)] out QuicTrafficSecrets? secrets)
    {
        secrets = null;
        return _inner?.TryTakeSecrets(out secrets) ?? false;
    }

    public bool TryTakeTicket([NotNullWhen(true)] out QuicTlsTicket? ticket)
    {
        ticket = null;
        return _inner?.TryTakeTicket(out ticket) ?? false;
    }

    public void Dispose() => _inner?.Dispose();
}
