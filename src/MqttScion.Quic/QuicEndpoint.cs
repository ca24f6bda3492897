using System.Diagnostics.CodeAnalysis;

namespace MqttScion.Quic;

/// <summary>
/// All QUIC connections of one socket: makes them, and finds the one that a datagram belongs to by its connection id.
/// </summary>
/// <remarks>Used by one thread at a time, like its connections.</remarks>
public sealed partial class QuicEndpoint : IDisposable
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
    private readonly AddressTokens _tokens;
    private readonly AddressValidator _validator;
    private readonly StrayEarlyPackets _strays = new();
    private readonly byte[] _ticketContext;
    private int _handshakeCount;

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
        Sessions = Options.SessionCache ?? new QuicSessionCache();
        _ticketContext = TransportParametersWriter.Write(RememberedParameters.Of(LocalParameters.Create(Options)));
        Random = random;
        _acceptConnections = acceptConnections;
        _tokens = new AddressTokens(random, Options.TokenKey ?? CreateKey(), Options.PreviousTokenKey);
        _validator = new AddressValidator(_tokens, Options);
        Resets = new StatelessResets(Options.StatelessResetKey ?? CreateKey(), random);
    }

    /// <summary>All connections that have not drained.</summary>
    public IReadOnlyCollection<QuicConnection> Connections => _connections;

    internal QuicOptions Options { get; }

    internal IPacketProtectorFactory Protectors { get; }

    internal IQuicRandom Random { get; }

    internal StatelessResets Resets { get; }

    internal QuicSessionCache Sessions { get; }

    internal StrayEarlyPackets Strays => _strays;

    internal SentPacketPool SentPacketPool { get; } = new();

    /// <summary>How many accepted connections are not confirmed yet.</summary>
    internal int HandshakeCount => _handshakeCount;

    /// <summary>Starts a connection as a client; its first datagram waits to be transmitted.</summary>
    /// <param name="serverName">The name (DNS or IP text) that the server's certificate must carry.</param>
    /// <param name="pathId">The owner's id of the path to start on.</param>
    /// <param name="maxDatagramBytes">The largest datagram that the path carries; at least 1200 is used.</param>
    /// <param name="headroomBytes">Bytes to leave in front of each datagram.</param>
    /// <param name="now">The time.</param>
    /// <param name="ticket">
    /// A ticket of that server to resume; null takes one of <see cref="QuicOptions.SessionCache"/> if there is any. The
    /// handshake is a full one if it can't be used. With <see cref="QuicOptions.EarlyData"/>, streams may be open for
    /// writing at once.
    /// </param>
    /// <param name="maxProbedDatagramBytes">Up to which size the path is probed for larger datagrams; with less than
    /// <see cref="QuicOptions.MaxProbedDatagramBytes"/> up to that.</param>
    /// <exception cref="InvalidOperationException">The endpoint has its maximum of connections.</exception>
    public QuicConnection Connect(
        string serverName,
        int pathId,
        int maxDatagramBytes,
        int headroomBytes,
        TimeSpan now,
        QuicSessionTicket? ticket = null,
        int maxProbedDatagramBytes = 0)
    {
        if (_connections.Count >= Options.MaxConnections)
            throw new InvalidOperationException($"The endpoint has its maximum of {_connections.Count} connections.");
        var destination = ConnectionId.Create(Random, MinOriginalIdLength);
        var path = CreatePath(pathId, maxDatagramBytes, headroomBytes, maxProbedDatagramBytes);
        var time = Options.ClockOrigin + now;
        if (ticket is null && Options.SessionCache is not null)
            Options.SessionCache.TryTake(serverName, time, out ticket);
        if (ticket?.IsGoodFor(serverName, time) == false)
            ticket = null;
        var admission = new Admission(
            destination, destination, destination, null, true, [], Sessions.TakeToken(serverName), Ticket: ticket);
        var offersEarlyData = Options.EarlyData && ticket is { AllowsEarlyData: true };
        var tls = _tls.CreateClient(serverName, ticket is null ? default : ticket.Session, offersEarlyData);
        var connection = new QuicConnection(this, tls, serverName, isServer: false, admission, path, now);
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
    /// <see cref="QuicConnection.Receive"/>. Nothing is made for a forged one. When no connection is made there may be
    /// an answer to send back: version negotiation, Retry, refusal or stateless reset.
    /// </summary>
    /// <param name="datagram">A datagram that <see cref="TryRoute"/> has no connection for.</param>
    /// <param name="arrival">Where it came from.</param>
    /// <param name="now">The time.</param>
    /// <param name="answer">Room for an answer; 1200 bytes are enough.</param>
    /// <param name="answerLength">The length of the answer; zero when there is none.</param>
    /// <param name="connection">The new connection.</param>
    public bool TryAccept(
        ReadOnlySpan<byte> datagram,
        in QuicArrival arrival,
        TimeSpan now,
        Span<byte> answer,
        out int answerLength,
        [NotNullWhen(true)] out QuicConnection? connection)
    {
        connection = null;
        answerLength = 0;
        if (!PacketHeader.TryRead(datagram, LocalConnectionIds.IdLength, out var header) || !IsQuic(header))
            return false;
        if (header.Type == PacketType.ZeroRtt && _acceptConnections && Options.EarlyData)
        {
            _strays.Add(new ConnectionId(header.DestinationId), datagram[..header.PacketLength], arrival.PathId);
            return false;
        }

        if (header.Type != PacketType.Initial || !_acceptConnections)
        {
            answerLength = AnswerStray(datagram, header, answer, now);
            return false;
        }

        if (datagram.Length < MinInitialDatagramBytes || header.DestinationId.Length < MinOriginalIdLength ||
            _byId.ContainsKey(new ConnectionId(header.DestinationId)))
            return false;
        var digest = AddressTokens.Digest(arrival.Address);
        var verdict = _validator.Judge(header, digest, now, out var token);
        if (verdict == TokenVerdict.Invalid)
        {
            answerLength = WriteRefusal(header, QuicError.InvalidToken, answer, now);
        }
        else if (_connections.Count >= Options.MaxConnections || _handshakeCount >= Options.MaxHandshakes)
        {
            answerLength = WriteRefusal(header, QuicError.ConnectionRefused, answer, now);
        }
        else if (verdict == TokenVerdict.None && digest.Length > 0 && _handshakeCount >= Options.RetryAboveHandshakes)
        {
            answerLength = WriteRetry(header, digest, answer, now);
        }
        else if (InitialCheck.IsAuthentic(Protectors, header, datagram))
        {
            connection = Accept(header, arrival, verdict, token, digest, now);
            return true;
        }

        return false;
    }

    /// <summary>
    /// Makes and checks tokens with a new key from now on; those of the key before are good until the next call.
    /// </summary>
    /// <param name="key">Secret random bytes; 16 or more.</param>
    public void RotateTokenKey(ReadOnlySpan<byte> key)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(key.Length, QuicOptions.MinKeyBytes, nameof(key));
        _tokens.Rotate(key);
    }

    /// <summary>Ends all connections without a word to their peers.</summary>
    public void Dispose()
    {
        foreach (var connection in _connections.ToArray())
            connection.Dispose();
        _tokens.Dispose();
    }

    internal bool IsQuic(in PacketHeader header) => header.HasFixedBit || Options.GreaseQuicBit;

    internal static int ClampDatagram(int maxDatagramBytes) =>
        Math.Clamp(maxDatagramBytes, MinInitialDatagramBytes, MaxDatagramBytes);

    internal NetworkPath CreatePath(
        int pathId, int maxDatagramBytes, int headroomBytes, int maxProbedDatagramBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(headroomBytes);
        return new NetworkPath(
            pathId, ClampDatagram(maxDatagramBytes), headroomBytes, ProbeCeiling(maxProbedDatagramBytes), Options);
    }

    internal int ProbeCeiling(int maxProbedDatagramBytes) =>
        Math.Min(Math.Max(maxProbedDatagramBytes, Options.MaxProbedDatagramBytes), MaxDatagramBytes);

    internal void OnHandshakeOver() => _handshakeCount--;

    internal byte[] CreateToken(byte[] addressDigest, TimeSpan now) =>
        _tokens.WriteNewToken(addressDigest, Options.ClockOrigin + now);

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
        RemoveId(connection.InitialDestinationId, connection);
        foreach (var token in connection.ResetTokens)
            RemoveResetToken(token, connection);
    }

    private void Add(QuicConnection connection)
    {
        _connections.Add(connection);
        foreach (var issued in connection.LocalIds.Active)
            _byId[issued.Id] = connection;
    }

    private QuicConnection Accept(
        in PacketHeader header,
        in QuicArrival arrival,
        TokenVerdict verdict,
        in AddressToken token,
        byte[] digest,
        TimeSpan now)
    {
        var initial = new ConnectionId(header.DestinationId);
        var isRetry = verdict == TokenVerdict.Validated && token.Kind == AddressTokenKind.Retry;
        var admission = new Admission(
            isRetry ? token.OriginalId : initial,
            initial,
            new ConnectionId(header.SourceId),
            isRetry ? initial : null,
            verdict == TokenVerdict.Validated,
            digest,
            [],
            Options.Qlog is null ? null : arrival.Address.ToArray());
        var path = CreatePath(
            arrival.PathId, arrival.MaxDatagramBytes, arrival.HeadroomBytes, arrival.MaxProbedDatagramBytes);
        _handshakeCount++;
        var tls = _tls.CreateServer(_ticketContext, Options.EarlyData);
        var connection = new QuicConnection(this, tls, "", isServer: true, admission, path, now);
        Add(connection);
        // A client can choose the id that we have just drawn for ourselves.
        _byId[initial] = connection;
        if (_strays.Count > 0)
            _strays.MoveTo(initial, connection.EarlyPackets);
        return connection;
    }

    private byte[] CreateKey()
    {
        var key = new byte[32];
        Random.Fill(key);
        return key;
    }
}
