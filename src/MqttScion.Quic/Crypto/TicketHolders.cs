using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace MqttScion.Quic;

/// <summary>
/// Whom tickets for early data were issued to: the clients' certificates, which a library may keep in the ticket but
/// not show before the handshake is over. Thread-safe; the oldest tickets beyond the bounds are forgotten.
/// </summary>
internal sealed class TicketHolders(int maxTickets)
{
    /// <summary>How many bytes of certificates are kept in all.</summary>
    internal const int MaxChainBytes = 32 * 1024 * 1024;

    private readonly ConcurrentDictionary<string, byte[][]> _chains = new();
    private readonly ConcurrentQueue<string> _order = new();
    private long _chainBytes;

    public int Count => _chains.Count;

    public void Add(ReadOnlySpan<byte> ticket, byte[][] chain)
    {
        var key = Key(ticket);
        if (_chains.TryAdd(key, chain))
        {
            Interlocked.Add(ref _chainBytes, BytesOf(chain));
            _order.Enqueue(key);
        }

        while ((_order.Count > maxTickets || Interlocked.Read(ref _chainBytes) > MaxChainBytes) &&
            _order.TryDequeue(out var oldest))
        {
            if (_chains.TryRemove(oldest, out var removed))
                Interlocked.Add(ref _chainBytes, -BytesOf(removed));
        }
    }

    /// <summary>Finds the certificates, none of a client without; false when the ticket is not known.</summary>
    public bool TryGet(ReadOnlySpan<byte> ticket, [NotNullWhen(true)] out byte[][]? chain) =>
        _chains.TryGetValue(Key(ticket), out chain);

    private static long BytesOf(byte[][] chain) => chain.Sum(static certificate => (long)certificate.Length);

    private static string Key(ReadOnlySpan<byte> ticket) => Convert.ToHexString(SHA256.HashData(ticket));
}
