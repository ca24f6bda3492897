namespace MqttScion.Quic;

/// <summary>One packet number space: keys, numbers, CRYPTO stream, what was sent and what came.</summary>
internal sealed class PacketSpace(SpaceId id, SentPacketPool? pool = null) : IDisposable
{
    /// <summary>How many CRYPTO bytes are buffered per direction (RFC 9000 §7.5 asks for 4096 at least).</summary>
    public const int MaxCryptoBytes = 64 * 1024;

    public SpaceId Id { get; } = id;

    public IPacketProtector? ReadProtector { get; set; }

    public IPacketProtector? WriteProtector { get; set; }

    /// <summary>Server, 1-RTT space: opens 0-RTT packets.</summary>
    public IPacketProtector? EarlyReadProtector { get; set; }

    /// <summary>Client, 1-RTT space: seals 0-RTT packets until there are 1-RTT keys.</summary>
    public IPacketProtector? EarlyWriteProtector { get; set; }

    public bool IsWritable => WriteProtector is not null || EarlyWriteProtector is not null;

    public long NextNumber { get; set; }

    public long LargestAcknowledged { get; set; } = -1;

    /// <summary>The last number that was left out: nobody can have received it (RFC 9000 §21.4).</summary>
    public long SkippedNumber { get; set; } = -1;

    /// <summary>The next number to leave out; 1-RTT only.</summary>
    public long NextSkip { get; set; } = long.MaxValue;

    public ReceivedPackets Received { get; } = new();

    public SentPackets Sent { get; } = new(pool ?? new SentPacketPool());

    public SendBuffer CryptoOut { get; } = new(MaxCryptoBytes);

    public Reassembler CryptoIn { get; } = new();

    /// <summary>The ECN counts of what was sent.</summary>
    public EcnCounts Ecn;

    /// <summary>When the next packet counts as lost by time, or null.</summary>
    public TimeSpan? LossTime { get; set; }

    public int AckElicitingInFlight { get; set; }

    /// <summary>How many datagrams a probe timeout still asks for.</summary>
    public int ProbesPending { get; set; }

    public bool IsPingPending { get; set; }

    /// <summary>True once the keys were thrown away (RFC 9001 §4.9).</summary>
    public bool IsDiscarded { get; set; }

    public EncryptionLevel Level => Id switch
    {
        SpaceId.Initial => EncryptionLevel.Initial,
        SpaceId.Handshake => EncryptionLevel.Handshake,
        _ => EncryptionLevel.Application,
    };

    public void Dispose()
    {
        ReadProtector?.Dispose();
        WriteProtector?.Dispose();
        EarlyReadProtector?.Dispose();
        EarlyWriteProtector?.Dispose();
        EarlyReadProtector = null;
        EarlyWriteProtector = null;
        ReadProtector = null;
        WriteProtector = null;
        CryptoOut.Dispose();
        CryptoIn.Dispose();
        Sent.Release();
        Received.Release();
    }
}
