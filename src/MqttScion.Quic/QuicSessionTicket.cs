using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace MqttScion.Quic;

/// <summary>
/// What a client needs to resume a session with a server, for one use (RFC 8446 §4.6.1 and C.4). Immutable. It holds
/// secrets: whoever gets it can impersonate the client.
/// </summary>
public sealed class QuicSessionTicket
{
    /// <summary>The longest encoding in bytes.</summary>
    public const int MaxEncodedBytes = 72 * 1024;

    private const byte Version = 1;
    private const byte EarlyDataFlag = 1;
    private const int MaxTextBytes = 255;
    private const long MaxLifetimeSeconds = 7 * 24 * 60 * 60;

    private readonly byte[] _session;

    internal QuicSessionTicket(
        string serverName,
        string applicationProtocol,
        DateTimeOffset receivedAt,
        QuicTlsTicket ticket,
        TransportParameters parameters)
    {
        ServerName = serverName;
        ApplicationProtocol = applicationProtocol;
        ReceivedAt = receivedAt;
        Lifetime = ticket.Lifetime;
        AllowsEarlyData = ticket.AllowsEarlyData;
        _session = ticket.Session;
        Parameters = parameters;
    }

    /// <summary>The name that the server's certificate had to carry.</summary>
    public string ServerName { get; }

    /// <summary>The protocol that ALPN selected; early data is of it.</summary>
    public string ApplicationProtocol { get; }

    /// <summary>When it came, by the clock of <see cref="QuicOptions.ClockOrigin"/>.</summary>
    public DateTimeOffset ReceivedAt { get; }

    /// <summary>How long the server takes it; 7 days at most.</summary>
    public TimeSpan Lifetime { get; }

    /// <summary>Whether the server takes early data with it.</summary>
    public bool AllowsEarlyData { get; }

    internal ReadOnlySpan<byte> Session => _session;

    /// <summary>The remembered transport parameters of the server.</summary>
    internal TransportParameters Parameters { get; }

    /// <summary>Reads what <see cref="Encode"/> gave; false when it is no such thing.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> encoded, [NotNullWhen(true)] out QuicSessionTicket? ticket)
    {
        ticket = null;
        var reader = new ByteReader(encoded);
        if (encoded.Length > MaxEncodedBytes || !reader.TryReadByte(out var version) || version != Version ||
            !reader.TryReadByte(out var flags) || !reader.TryReadBytes(sizeof(long), out var received) ||
            !reader.TryReadVarInt(out var lifetime) || lifetime > MaxLifetimeSeconds ||
            !TryReadText(ref reader, out var name) || !TryReadText(ref reader, out var protocol) ||
            !reader.TryReadPrefixed(out var parameters) || !reader.TryReadPrefixed(out var session) ||
            !reader.IsAtEnd || !TryReadTime(received, out var receivedAt) ||
            !TransportParametersReader.TryRead(parameters, fromServer: true, out var read, out _))
            return false;
        var tls = new QuicTlsTicket(
            session.ToArray(), TimeSpan.FromSeconds(lifetime), (flags & EarlyDataFlag) != 0);
        ticket = new QuicSessionTicket(name, protocol, receivedAt, tls, RememberedParameters.Of(read));
        return true;
    }

    /// <summary>Gives bytes to keep in a safe place for another process.</summary>
    public byte[] Encode()
    {
        var parameters = TransportParametersWriter.Write(Parameters);
        var size = MaxEncodedBytes - 64 * 1024 + _session.Length;
        var writer = new ByteWriter(new byte[size]);
        writer.WriteByte(Version);
        writer.WriteByte(AllowsEarlyData ? EarlyDataFlag : (byte)0);
        BinaryPrimitives.WriteInt64BigEndian(writer.Free, ReceivedAt.ToUnixTimeMilliseconds());
        writer.Advance(sizeof(long));
        writer.WriteVarInt((ulong)Lifetime.TotalSeconds);
        writer.WritePrefixed(Encoding.UTF8.GetBytes(ServerName));
        writer.WritePrefixed(Encoding.UTF8.GetBytes(ApplicationProtocol));
        writer.WritePrefixed(parameters);
        writer.WritePrefixed(_session);
        return writer.Written.ToArray();
    }

    /// <summary>Whether it can be used for a server at a time.</summary>
    internal bool IsGoodFor(string serverName, DateTimeOffset now) =>
        string.Equals(serverName, ServerName, StringComparison.OrdinalIgnoreCase) &&
        now >= ReceivedAt && now - ReceivedAt < Lifetime;

    private static bool TryReadText(ref ByteReader reader, out string text)
    {
        text = "";
        if (!reader.TryReadPrefixed(out var bytes) || bytes.Length > MaxTextBytes)
            return false;
        text = Encoding.UTF8.GetString(bytes);
        return true;
    }

    private static bool TryReadTime(ReadOnlySpan<byte> bytes, out DateTimeOffset time)
    {
        var milliseconds = BinaryPrimitives.ReadInt64BigEndian(bytes);
        var isRight = milliseconds >= 0 && milliseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();
        time = isRight ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : default;
        return isRight;
    }
}
