using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace MqttScion.Quic;

/// <summary>
/// A client's session tickets and address validation tokens by server name, for endpoints that come and go. Each is
/// given out once, the newest ticket first. Thread-safe. One application protocol has one cache.
/// </summary>
/// <remarks>Bounded: 64 servers with 4 tickets each; the server that was heard of last stays longest.</remarks>
public sealed class QuicSessionCache
{
    internal const int MaxServers = 64;
    internal const int MaxTickets = 4;
    internal const int MaxTokenBytes = 512;

    private ImmutableDictionary<string, Entry> _servers =
        ImmutableDictionary.Create<string, Entry>(StringComparer.OrdinalIgnoreCase);

    private long _order;

    /// <summary>
    /// False keeps address validation tokens only: tickets that come are dropped, and every handshake is a full one.
    /// Default true.
    /// </summary>
    public bool KeepsTickets { get; init; } = true;

    /// <summary>Of how many servers something is kept.</summary>
    public int Count => _servers.Count;

    /// <summary>Keeps a ticket, unless <see cref="KeepsTickets"/> is false.</summary>
    public void Add(QuicSessionTicket ticket)
    {
        ArgumentNullException.ThrowIfNull(ticket);
        if (!KeepsTickets)
            return;
        Change(ticket.ServerName, entry =>
        {
            var tickets = entry.Tickets.Add(ticket);
            return entry with { Tickets = tickets.Count > MaxTickets ? tickets.RemoveAt(0) : tickets };
        });
    }

    /// <summary>Takes the newest ticket of a server that is good at a time; false when there is none.</summary>
    public bool TryTake(string serverName, DateTimeOffset now, [NotNullWhen(true)] out QuicSessionTicket? ticket)
    {
        ArgumentNullException.ThrowIfNull(serverName);
        QuicSessionTicket? taken = null;
        Change(serverName, entry =>
        {
            taken = entry.Tickets.FindLast(item => item.IsGoodFor(serverName, now));
            return taken is null ? entry : entry with { Tickets = entry.Tickets.Remove(taken) };
        });
        ticket = taken;
        return ticket is not null;
    }

    /// <summary>Forgets everything.</summary>
    public void Clear() => Interlocked.Exchange(ref _servers, _servers.Clear());

    internal void KeepToken(string serverName, ReadOnlySpan<byte> token)
    {
        if (token.Length > MaxTokenBytes)
            return;
        var copy = token.ToArray();
        Change(serverName, entry => entry with { Token = copy });
    }

    /// <summary>Takes the newest token of a server for its one use (RFC 9000 §8.1.3); empty for none.</summary>
    internal byte[] TakeToken(string serverName)
    {
        byte[] taken = [];
        Change(serverName, entry =>
        {
            taken = entry.Token;
            return entry with { Token = [] };
        });
        return taken;
    }

    private void Change(string serverName, Func<Entry, Entry> change)
    {
        while (true)
        {
            var before = _servers;
            var isKnown = before.TryGetValue(serverName, out var known);
            var entry = change(known ?? new Entry([], [], 0));
            ImmutableDictionary<string, Entry> after;
            if (entry.Tickets.IsEmpty && entry.Token.Length == 0)
                after = before.Remove(serverName);
            else if (!isKnown && before.Count >= MaxServers)
                after = before.Remove(before.MinBy(static item => item.Value.Order).Key).Add(serverName, Heard(entry));
            else
                after = before.SetItem(serverName, Heard(entry));
            if (Interlocked.CompareExchange(ref _servers, after, before) == before)
                return;
        }
    }

    private Entry Heard(Entry entry) => entry with { Order = Interlocked.Increment(ref _order) };

    private sealed record Entry(ImmutableList<QuicSessionTicket> Tickets, byte[] Token, long Order);
}
