namespace MqttScion.Quic;

/// <summary>Settings of an endpoint. Copied when the endpoint is made; later changes have no effect.</summary>
public sealed class QuicOptions
{
    internal const int MinKeyBytes = 16;

    /// <summary>
    /// How long nothing may come from the peer before the connection counts as dead (RFC 9000 §10.1). The smaller of
    /// both sides' values is used. Default 30 s; zero is never; else 1 s or more.
    /// </summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// After how much silence a PING is sent, so that the connection does not idle out; half of the idle timeout that
    /// both sides agreed on where that is less. Default 5 s; zero is off.
    /// </summary>
    public TimeSpan KeepAliveInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a handshake may take until it is confirmed. Default 10 s; above zero.</summary>
    public TimeSpan HandshakeTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How many bytes the peer may send on all streams beyond what was read. Default 4 MiB; 64 KiB to 1 GiB.
    /// </summary>
    public long ConnectionWindowBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>
    /// How many bytes the peer may send on one stream beyond what was read. Default 1 MiB; 4 KiB to 256 MiB.
    /// </summary>
    public long StreamWindowBytes { get; set; } = 1024 * 1024;

    /// <summary>How many bidirectional streams the peer may have open. Default 16; 0 to 65536.</summary>
    public int MaxBidirectionalStreams { get; set; } = 16;

    /// <summary>How many unidirectional streams the peer may have open. Default 0; 0 to 65536.</summary>
    public int MaxUnidirectionalStreams { get; set; }

    /// <summary>
    /// How many bytes a stream keeps until they are acknowledged; beyond it writes are not taken. Default 1 MiB;
    /// 4 KiB to 256 MiB.
    /// </summary>
    public int SendBufferBytes { get; set; } = 1024 * 1024;

    /// <summary>The congestion control of all connections. Default <see cref="QuicCongestionControl.Cubic"/>.</summary>
    public QuicCongestionControl CongestionControl { get; set; } = QuicCongestionControl.Cubic;

    /// <summary>
    /// Whether to ask for ECN marks, and to heed those that come back; paths that don't carry them are found out.
    /// Default true.
    /// </summary>
    public bool EnableEcn { get; set; } = true;

    /// <summary>
    /// Up to which size a path's datagrams are probed for, when its size is not known for sure; 1200 to 16384. Default
    /// 0: the sizes that paths are opened with are right.
    /// </summary>
    public int MaxProbedDatagramBytes { get; set; }

    /// <summary>
    /// The largest DATAGRAM frame (RFC 9221) that is taken from the peer. Default 0: none; to 65535.
    /// </summary>
    public int MaxDatagramFrameBytes { get; set; }

    /// <summary>
    /// How many unreliable datagrams wait for being sent or read; more are refused or dropped. Default 64; 1 to 65536.
    /// </summary>
    public int MaxQueuedDatagrams { get; set; } = 64;

    /// <summary>
    /// Whether the QUIC bit of packets is set at random where the peer takes it, and taken either way, so that the path
    /// learns nothing from it (RFC 9287). Default true.
    /// </summary>
    public bool GreaseQuicBit { get; set; } = true;

    /// <summary>How many connections the endpoint has at most. Default 10000; 1 or more.</summary>
    public int MaxConnections { get; set; } = 10_000;

    /// <summary>
    /// How many handshakes that peers started may be in progress; more are refused. Default 1000; 1 or more.
    /// </summary>
    public int MaxHandshakes { get; set; } = 1000;

    /// <summary>
    /// With how many handshakes in progress new clients must prove their address by a Retry first, which costs them a
    /// round trip. Default 100; 0 is always, <see cref="int.MaxValue"/> never.
    /// </summary>
    public int RetryAboveHandshakes { get; set; } = 100;

    /// <summary>
    /// For how long a client that was here may skip that proof, once for each connection. Default 1 day; above zero.
    /// </summary>
    public TimeSpan TokenLifetime { get; set; } = TimeSpan.FromDays(1);

    /// <summary>
    /// The secret behind address validation tokens, 16 bytes or more: servers that share it accept each other's.
    /// Default null: a random one.
    /// </summary>
    public byte[]? TokenKey { get; set; }

    /// <summary>The key before <see cref="TokenKey"/>, whose tokens are still good. Default none.</summary>
    public byte[]? PreviousTokenKey { get; set; }

    /// <summary>
    /// A client offers early data when it has a ticket that allows it, and a server that issues tickets takes it, which
    /// saves a round trip. Early data can be replayed: see <see cref="QuicConnection.CanSendEarlyData"/> and
    /// <see cref="QuicStream.IsEarlyData"/>. Default false.
    /// </summary>
    public bool EarlyData { get; set; }

    /// <summary>
    /// Where a client's endpoint keeps tickets and tokens, and looks for them when it connects. Default null: tokens
    /// are kept as long as the endpoint, and tickets are the owner's
    /// (<see cref="QuicEventKind.SessionTicketReceived"/>).
    /// </summary>
    public QuicSessionCache? SessionCache { get; set; }

    /// <summary>
    /// The secret behind stateless resets, 16 bytes or more: an endpoint that starts again with it ends the connections
    /// that it lost at once. Default null: a random one.
    /// </summary>
    public byte[]? StatelessResetKey { get; set; }

    /// <summary>
    /// What moment zero of <c>now</c> is; matters when tokens outlive the process. Default: the Unix epoch.
    /// </summary>
    public DateTimeOffset ClockOrigin { get; set; } = DateTimeOffset.UnixEpoch;

    /// <summary>
    /// Asked, for each connection, where its qlog trace goes; null for none. A server's is asked for when the
    /// first packet of it was authentic, which anyone can achieve: bound how many traces there are. Runs on the thread
    /// that drives the connection. Default null: no traces, and no cost.
    /// </summary>
    public Func<QlogConnection, IQlogSink?>? Qlog { get; set; }

    /// <summary>
    /// After how many packets the 1-RTT keys are updated; far below the limit of the AEADs, 2^23 (RFC 9001 §6.6).
    /// </summary>
    internal long KeyUpdatePackets { get; set; } = 1 << 22;

    /// <summary>
    /// How many 1-RTT packets may fail to authenticate: the least limit of the suites, that of ChaCha20-Poly1305 (RFC
    /// 9001 §6.6).
    /// </summary>
    internal long MaxForgedPackets { get; set; } = 1L << 36;

    /// <summary>Makes a copy and checks the ranges.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    internal QuicOptions Freeze()
    {
        const long kibibyte = 1024, mebibyte = 1024 * kibibyte;
        var second = TimeSpan.FromSeconds(1);
        ArgumentOutOfRangeException.ThrowIfLessThan(KeepAliveInterval, TimeSpan.Zero, nameof(KeepAliveInterval));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(HandshakeTimeout, TimeSpan.Zero, nameof(HandshakeTimeout));
        if (IdleTimeout != TimeSpan.Zero)
            ArgumentOutOfRangeException.ThrowIfLessThan(IdleTimeout, second, nameof(IdleTimeout));
        Check(ConnectionWindowBytes, 64 * kibibyte, 1024 * mebibyte, nameof(ConnectionWindowBytes));
        Check(StreamWindowBytes, 4 * kibibyte, 256 * mebibyte, nameof(StreamWindowBytes));
        Check(SendBufferBytes, 4 * kibibyte, 256 * mebibyte, nameof(SendBufferBytes));
        Check(MaxBidirectionalStreams, 0, 64 * kibibyte, nameof(MaxBidirectionalStreams));
        Check(MaxUnidirectionalStreams, 0, 64 * kibibyte, nameof(MaxUnidirectionalStreams));
        Check(MaxConnections, 1, int.MaxValue, nameof(MaxConnections));
        if (MaxProbedDatagramBytes != 0)
            Check(MaxProbedDatagramBytes, 1200, 16 * kibibyte, nameof(MaxProbedDatagramBytes));
        Check(MaxDatagramFrameBytes, 0, ushort.MaxValue, nameof(MaxDatagramFrameBytes));
        Check(MaxQueuedDatagrams, 1, 64 * kibibyte, nameof(MaxQueuedDatagrams));
        Check(MaxHandshakes, 1, int.MaxValue, nameof(MaxHandshakes));
        Check(RetryAboveHandshakes, 0, int.MaxValue, nameof(RetryAboveHandshakes));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(TokenLifetime, TimeSpan.Zero, nameof(TokenLifetime));
        CheckKey(TokenKey, nameof(TokenKey));
        CheckKey(PreviousTokenKey, nameof(PreviousTokenKey));
        CheckKey(StatelessResetKey, nameof(StatelessResetKey));
        return (QuicOptions)MemberwiseClone();
    }

    /// <summary>A copy, to be changed without the other changing.</summary>
    public QuicOptions Copy() => (QuicOptions)MemberwiseClone();

    private static void CheckKey(byte[]? key, string name) =>
        Check(key?.Length ?? MinKeyBytes, MinKeyBytes, int.MaxValue, name);

    private static void Check(long value, long least, long most, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, least, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, most, name);
    }
}
