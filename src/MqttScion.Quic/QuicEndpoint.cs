using System.Diagnostics.CodeAnalysis;

namespace MqttScion.Quic;

/// <summary>
/// All QUIC connections of one socket: makes them, and finds the one that a datagram belongs to by its connection id.
/// </summary>
/// <remarks>Used by one thread at a time, like its connections.</remarks>
public sealed class QuicEndpoint : IDisposable
{
    private const int MinInitialDatagramBytes = 1200;
    private const int MaxDatagramBytes = 16 * 1024;
    private const int MinOriginalIdLength = 8;
    private const byte LongForm = 0x80;

    private readonly Dictionary<ConnectionId, QuicConnection> _byId = [];
    private readonly Dictionary<ConnectionId, QuicConnection> _byResetToken = [];
    private readonly HashSet<QuicConnection> _connections = [];
    private readonly IQuicTlsFactory _tls;
    private readonly bool _acceptConnections;

    /// <summary>Makes an endpoint.</summary>
    /// <param name="tls">Makes the TLS side of each connection; stays the caller's.</param>
    /// <param name="protectors">Makes packet protectors.</param>
    /// <param name="options">The settings; copied.</param>
    /// <param name="acceptConnections">Whether peers may connect to this endpoint.</param>
    /// <param name="random">The source of connection ids and challenges.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of its range.</exception>
    public QuicEndpoint(
        IQuicTlsFactory tls,
        IPacketProtectorFactory protectors,
        QuicOptions options,
        bool acceptConnections,
        IQuicRandom random)
    {
        ArgumentNullException.ThrowIfNull(tls);
        ArgumentNullException.ThrowIfNull(protectors);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(random);
        _tls = tls;
        Protectors = protectors;
        Options = options.Freeze();
        Random = random;
        _acceptConnections = acceptConnections;
    }

    /// <summary>All connections that have not drained.</summary>
    public IReadOnlyCollection<QuicConnection> Connections => _connections;

    internal QuicOptions Options { get; }

    internal IPacketProtectorFactory Protectors { get; }

    internal IQuicRandom Random { get; }

    /// <summary>Starts a connection as a client; its first datagram waits to be transmitted.</summary>
    /// <param name="serverName">The name (DNS or IP text) that the server's certificate must carry.</param>
    /// <param name="pathId">The owner's id of the path to start on.</param>
    /// <param name="maxDatagramBytes">The largest datagram that the path carries; at least 1200 is used.</param>
    /// <param name="headroomBytes">Bytes to leave in front of each datagram.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="InvalidOperationException">The endpoint has its maximum of connections.</exception>
    public QuicConnection Connect(
        string serverName,
        int pathId,
        int maxDatagramBytes,
        int headroomBytes,
        TimeSpan now)
    {
        if (_connections.Count >= Options.MaxConnections)
            throw new InvalidOperationException($"The endpoint has its maximum of {_connections.Count} connections.");
        var destination = ConnectionId.Create(Random, MinOriginalIdLength);
        var path = CreatePath(pathId, maxDatagramBytes, headroomBytes);
        var connection = new QuicConnection(
            this, _tls.CreateClient(serverName), serverName, isServer: false, destination, destination, path, now);
        Add(connection);
        return connection;
    }

    /// <summary>
    /// Finds the connection that a datagram belongs to; datagrams of no connection are the peers' or strangers'.
    /// </summary>
    public bool TryRoute(ReadOnlySpan<byte> datagram, [NotNullWhen(true)] out QuicConnection? connection)
    {
        connection = null;
        if (PacketHeader.TryRead(datagram, LocalConnectionIds.IdLength, out var header) &&
            header.DestinationId.Length <= ConnectionId.MaxLength &&
            _byId.TryGetValue(new ConnectionId(header.DestinationId), out connection))
            return true;
        // RFC 9000 §10.3.1: a stateless reset has random ids and the token at its end.
        return datagram.Length > LocalConnectionIds.TokenLength && (datagram[0] & LongForm) == 0 &&
            _byResetToken.Count > 0 &&
            _byResetToken.TryGetValue(new ConnectionId(datagram[^LocalConnectionIds.TokenLength..]), out connection);
    }

    /// <summary>
    /// Makes a connection for a client's first datagram, which the caller then gives to
    /// <see cref="QuicConnection.Receive"/>. A forged one is drained after that call.
    /// </summary>
    /// <param name="datagram">A datagram that <see cref="TryRoute"/> has no connection for.</param>
    /// <param name="pathId">The owner's id of the path it came on.</param>
    /// <param name="maxDatagramBytes">The largest datagram that the path carries; at least 1200 is used.</param>
    /// <param name="headroomBytes">Bytes to leave in front of each datagram.</param>
    /// <param name="now">The time.</param>
    /// <param name="connection">The new connection.</param>
    public bool TryAccept(
        ReadOnlySpan<byte> datagram,
        int pathId,
        int maxDatagramBytes,
        int headroomBytes,
        TimeSpan now,
        [NotNullWhen(true)] out QuicConnection? connection)
    {
        connection = null;
        if (!_acceptConnections || _connections.Count >= Options.MaxConnections ||
            datagram.Length < MinInitialDatagramBytes ||
            !PacketHeader.TryRead(datagram, LocalConnectionIds.IdLength, out var header) ||
            header.Type != PacketType.Initial || header.DestinationId.Length < MinOriginalIdLength)
            return false;
        var original = new ConnectionId(header.DestinationId);
        if (_byId.ContainsKey(original))
            return false;
        var path = CreatePath(pathId, maxDatagramBytes, headroomBytes);
        connection = new QuicConnection(
            this, _tls.CreateServer(), "", isServer: true, original, new ConnectionId(header.SourceId), path, now);
        Add(connection);
        _byId.Add(original, connection);
        return true;
    }

    /// <summary>
    /// Writes a Version Negotiation packet (RFC 9000 §6) in answer to a datagram of a version that we don't speak, and
    /// gives its length; 0 when there is nothing to answer.
    /// </summary>
    public int WriteVersionNegotiation(ReadOnlySpan<byte> datagram, Span<byte> room)
    {
        const int fixedLength = 1 + 4 + 1 + 1 + 4;
        if (!_acceptConnections || datagram.Length < MinInitialDatagramBytes ||
            !PacketHeader.TryRead(datagram, LocalConnectionIds.IdLength, out var header) ||
            header.Type != PacketType.UnknownVersion ||
            room.Length < fixedLength + header.SourceId.Length + header.DestinationId.Length)
            return 0;
        var writer = new ByteWriter(room);
        Span<byte> bits = stackalloc byte[1];
        Random.Fill(bits);
        writer.WriteByte((byte)(LongForm | bits[0]));
        writer.WriteUInt32(0);
        writer.WriteByte((byte)header.SourceId.Length);
        writer.WriteBytes(header.SourceId);
        writer.WriteByte((byte)header.DestinationId.Length);
        writer.WriteBytes(header.DestinationId);
        writer.WriteUInt32(PacketHeader.Version1);
        return writer.Position;
    }

    /// <summary>Ends all connections without a word to their peers.</summary>
    public void Dispose()
    {
        foreach (var connection in _connections.ToArray())
            connection.Dispose();
    }

    internal static int ClampDatagram(int maxDatagramBytes) =>
        Math.Clamp(maxDatagramBytes, MinInitialDatagramBytes, MaxDatagramBytes);

    internal static NetworkPath CreatePath(int pathId, int maxDatagramBytes, int headroomBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(headroomBytes);
        return new NetworkPath(pathId, ClampDatagram(maxDatagramBytes), headroomBytes);
    }

    internal void AddId(ConnectionId id, QuicConnection connection) => _byId[id] = connection;

    internal void RemoveId(ConnectionId id, QuicConnection connection)
    {
        if (_byId.TryGetValue(id, out var owner) && owner == connection)
            _byId.Remove(id);
    }

    internal void AddResetToken(ConnectionId token, QuicConnection connection) => _byResetToken[token] = connection;

    internal void RemoveResetToken(ConnectionId token, QuicConnection connection)
    {
        if (_byResetToken.TryGetValue(token, out var owner) && owner == connection)
            _byResetToken.Remove(token);
    }

    internal void Remove(QuicConnection connection)
    {
        if (!_connections.Remove(connection))
            return;
        foreach (var issued in connection.LocalIds.Active)
            RemoveId(issued.Id, connection);
        RemoveId(connection.OriginalDestinationId, connection);
        foreach (var token in connection.ResetTokens)
            RemoveResetToken(token, connection);
    }

    private void Add(QuicConnection connection)
    {
        _connections.Add(connection);
        foreach (var issued in connection.LocalIds.Active)
            _byId[issued.Id] = connection;
    }
}
