using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace MqttScion.Quic.Tests;

/// <summary>
/// A toy handshake with the shape of TLS 1.3: hello (with transport parameters), hello back, encrypted flight,
/// finished. Secrets are fixed by level and direction.
/// </summary>
/// <remarks>A client that resumes has another hello, and early secrets if it may.</remarks>
internal sealed class FakeTls(bool isServer, FakeTlsFactory factory, bool isEarly, bool isResuming) : IQuicTls
{
    private const int HeaderLength = 4;
    private const byte Hello = 1;
    private const byte ServerHello = 2;
    private const byte Parameters = 8;
    private const byte Certificate = 11;
    private const byte Finished = 20;
    private const byte Ticket = 4;
    private const byte ResumingHello = 101;
    private const byte EarlyHello = 102;
    private const byte ResumedParameters = 108;
    private const byte EarlyParameters = 109;
    private const byte HandshakeFailure = 40;
    private const byte UnexpectedMessage = 10;

    private readonly Queue<(EncryptionLevel Level, byte[] Data)> _out = new();
    private readonly Queue<QuicTrafficSecrets> _secrets = new();
    private readonly Queue<QuicTlsTicket> _tickets = new();
    private readonly List<byte> _input = [];
    private byte[] _ownParameters = [];
    private EncryptionLevel _readLevel = EncryptionLevel.Initial;

    public bool IsBusy => false;

    public bool IsResumed { get; private set; }

    public bool IsEarlyDataAccepted { get; private set; }

    public bool IsComplete { get; private set; }

    public QuicTlsFailure? Failure { get; private set; }

    public string? ApplicationProtocol => IsComplete ? factory.ApplicationProtocol : null;

    public byte[]? PeerTransportParameters { get; private set; }

    public byte[]? PeerCertificate => null;

    public bool TryStart(ReadOnlySpan<byte> transportParameters)
    {
        _ownParameters = factory.Rewrite is { } rewrite
            ? rewrite(isServer, transportParameters.ToArray())
            : transportParameters.ToArray();
        if (isServer)
            return true;
        var hello = !isResuming ? Hello : isEarly ? EarlyHello : ResumingHello;
        Write(EncryptionLevel.Initial, hello, _ownParameters, factory.PaddingBytes);
        if (hello == EarlyHello)
            AddSecrets(EncryptionLevel.EarlyData, read: false, write: true);
        return true;
    }

    public bool TryReadHandshake(EncryptionLevel level, ReadOnlySpan<byte> data)
    {
        if (Failure is not null)
            return false;
        if (IsComplete && !IsTicket(level, data))
            return true;
        if (level != _readLevel)
            return Fail(UnexpectedMessage, "bytes came at another level than is read");
        _input.AddRange(data);
        while (_input.Count >= HeaderLength && TryTake(out var type, out var body))
        {
            if (!Handle(type, body))
                return false;
        }

        return true;
    }

    public bool TryWriteHandshake(out EncryptionLevel level, [NotNullWhen(true)] out byte[]? data)
    {
        var isThere = _out.TryDequeue(out var item);
        (level, data) = isThere ? item : default;
        return isThere;
    }

    public bool TryTakeSecrets([NotNullWhen(true)] out QuicTrafficSecrets? secrets) => _secrets.TryDequeue(out secrets);

    public bool TryTakeTicket([NotNullWhen(true)] out QuicTlsTicket? ticket) => _tickets.TryDequeue(out ticket);

    public void Dispose() => _out.Clear();

    private bool IsTicket(EncryptionLevel level, ReadOnlySpan<byte> data) => !isServer &&
        level == EncryptionLevel.Application && (_input.Count > 0 || data.StartsWith(TicketStart));

    private bool Handle(byte type, byte[] body)
    {
        switch (type, isServer)
        {
            case (Ticket, false):
                _tickets.Enqueue(new QuicTlsTicket(body, TimeSpan.FromHours(1), body[^1] == byte.MaxValue));
                return true;
            case (Hello or ResumingHello or EarlyHello, true):
                IsResumed = isResuming && type != Hello;
                IsEarlyDataAccepted = IsResumed && type == EarlyHello && isEarly && !factory.RejectsEarlyData;
                if (IsEarlyDataAccepted)
                    AddSecrets(EncryptionLevel.EarlyData, read: true, write: false);
                PeerTransportParameters = factory.WithoutParameters ? null : body;
                if (factory.Rejection is { } alert)
                    return Fail(alert, "the server rejects");
                Write(EncryptionLevel.Initial, ServerHello, new byte[60], 0);
                AddSecrets(EncryptionLevel.Handshake, read: true, write: true);
                var parameters = IsEarlyDataAccepted ? EarlyParameters : IsResumed ? ResumedParameters : Parameters;
                Write(EncryptionLevel.Handshake, parameters, _ownParameters, factory.PaddingBytes);
                if (factory.ServerPaddingBytes > 0)
                    Write(EncryptionLevel.Handshake, Certificate, new byte[factory.ServerPaddingBytes], 0);
                Write(EncryptionLevel.Handshake, Finished, new byte[32], 0);
                AddSecrets(EncryptionLevel.Application, read: false, write: true);
                _readLevel = EncryptionLevel.Handshake;
                return true;
            case (ServerHello, false):
                AddSecrets(EncryptionLevel.Handshake, read: true, write: true);
                _readLevel = EncryptionLevel.Handshake;
                return true;
            case (Parameters or ResumedParameters or EarlyParameters, false):
                IsResumed = type != Parameters;
                IsEarlyDataAccepted = type == EarlyParameters;
                PeerTransportParameters = factory.WithoutParameters ? null : body;
                return true;
            case (Certificate, false):
                return true;
            case (Finished, false):
                Write(EncryptionLevel.Handshake, Finished, new byte[32], 0);
                AddSecrets(EncryptionLevel.Application, read: true, write: true);
                _readLevel = EncryptionLevel.Application;
                IsComplete = true;
                return true;
            case (Finished, true):
                if (factory.LateRejection is { } lateAlert)
                    return Fail(lateAlert, "the client's certificate is refused");
                AddSecrets(EncryptionLevel.Application, read: true, write: false);
                IsComplete = true;
                if (factory.IssuesTickets)
                    Write(EncryptionLevel.Application, Ticket, TicketBody(isEarly), 0);
                return true;
            default:
                return Fail(HandshakeFailure, $"message {type} is not expected");
        }
    }

    private bool TryTake(out byte type, out byte[] body)
    {
        type = _input[0];
        var trailer = type is Hello or ResumingHello or EarlyHello or Parameters or ResumedParameters or EarlyParameters
            ? factory.PaddingBytes
            : 0;
        var length = (_input[1] << 16) | (_input[2] << 8) | _input[3];
        body = [];
        if (_input.Count < HeaderLength + length + trailer)
            return false;
        body = _input.GetRange(HeaderLength, length).ToArray();
        _input.RemoveRange(0, HeaderLength + length + trailer);
        return true;
    }

    private static ReadOnlySpan<byte> TicketStart => [Ticket, 0, 0, TicketLength];

    private const byte TicketLength = 4 + 4 + 1 + 2 + 2 + 2 + 8;

    // The form of RFC 8446 §4.6.1: lifetime, age, nonce, ticket, early_data with the value of QUIC or something else.
    private static byte[] TicketBody(bool allowsEarlyData) =>
    [
        0, 0, 14, 16, 0, 0, 0, 0, 0, 0, 2, 7, 7, 0, 8, 0, allowsEarlyData ? (byte)42 : (byte)99, 0, 4,
        .. Enumerable.Repeat(allowsEarlyData ? byte.MaxValue : (byte)0, 4),
    ];

    private void Write(EncryptionLevel level, byte type, byte[] body, int trailer)
    {
        var message = new byte[HeaderLength + body.Length + trailer];
        BinaryPrimitives.WriteInt32BigEndian(message, body.Length);
        message[0] = type;
        body.CopyTo(message, HeaderLength);
        _out.Enqueue((level, message));
    }

    private void AddSecrets(EncryptionLevel level, bool read, bool write) => _secrets.Enqueue(new QuicTrafficSecrets(
        level,
        QuicCipherSuite.Aes128GcmSha256,
        read ? Secret(level, fromServer: !isServer) : null,
        write ? Secret(level, fromServer: isServer) : null));

    internal static byte[] Secret(EncryptionLevel level, bool fromServer) =>
        SHA256.HashData(Encoding.ASCII.GetBytes($"{level} {fromServer}"));

    private bool Fail(byte alert, string reason)
    {
        Failure = new QuicTlsFailure(alert, reason);
        return false;
    }
}
