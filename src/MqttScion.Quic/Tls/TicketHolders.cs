using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace MqttScion.Quic;

/// <summary>
/// Whom tickets for early data were issued to: the clients' certificates, which GnuTLS keeps in the ticket but does not
/// show before the handshake is over. Thread-safe; the oldest tickets beyond the bound are forgotten.
/// </summary>
internal sealed class TicketHolders(int maxTickets)
{
    private readonly ConcurrentDictionary<string, byte[][]> _chains = new();
    private readonly ConcurrentQueue<string> _order = new();

    public int Count => _chains.Count;

    public void Add(ReadOnlySpan<byte> ticket, byte[][] chain)
    {
        var key = Key(ticket);
        if (_chains.TryAdd(key, chain))
            _order.Enqueue(key);
        while (_order.Count > maxTickets && _order.TryDequeue(out var oldest))
            _chains.TryRemove(oldest, out _);
    }

    /// <summary>Finds the certificates, none of a client without; false when the ticket is not known.</summary>
    public bool TryGet(ReadOnlySpan<byte> ticket, [NotNullWhen(true)] out byte[][]? chain) =>
        _chains.TryGetValue(Key(ticket), out chain);

    private static string Key(ReadOnlySpan<byte> ticket) => Convert.ToHexString(SHA256.HashData(ticket));
}
