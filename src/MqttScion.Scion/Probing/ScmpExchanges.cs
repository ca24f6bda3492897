using System.Diagnostics.CodeAnalysis;

namespace MqttScion.Scion;

/// <summary>SCMP requests and their answers, matched by sequence number and by what an honest answer knows.</summary>
/// <remarks>
/// An engine: no I/O, no clock, one thread. Remembers a request for ten seconds after its timeout, so that a late
/// answer is told from a forged one.
/// </remarks>
/// <typeparam name="TOwner">What the asker keeps with a request.</typeparam>
/// <param name="local">The socket; its port is the identifier.</param>
/// <param name="random">Chooses the first sequence number and the echo data.</param>
internal sealed class ScmpExchanges<TOwner>(ScionEndPoint local, Random random)
    where TOwner : notnull
{
    /// <summary>How many requests may wait for an answer.</summary>
    public const int MaxWaiting = 4096;

    private const int MaxRemembered = 65_536;

    private static readonly TimeSpan Memory = TimeSpan.FromSeconds(10);

    private readonly Dictionary<ushort, Exchange> _exchanges = [];
    private readonly PriorityQueue<Exchange, TimeSpan> _timers = new();
    private ushort _nextSequence = (ushort)random.Next(ushort.MaxValue + 1);
    private int _waitingCount;
    private long _lateCount;
    private long _duplicateCount;
    private long _forgedCount;
    private long _unknownCount;

    private enum ExchangeState
    {
        Waiting,
        Answered,
        TimedOut,
    }

    /// <summary>The answers that were not the awaited ones; any thread may ask.</summary>
    public ProbeCounts Counts => new(
        Volatile.Read(ref _lateCount),
        Volatile.Read(ref _duplicateCount),
        Volatile.Read(ref _forgedCount),
        Volatile.Read(ref _unknownCount));

    /// <summary>When <see cref="TryTimeOut"/> has something to do; null when nothing is remembered.</summary>
    public TimeSpan? NextTimeout => _timers.TryPeek(out _, out var due) ? due : null;

    /// <summary>Writes a request and waits for its answer.</summary>
    /// <returns>False when it does not fit, cannot be made, or too many wait already.</returns>
    public bool TryStart(
        Span<byte> packet,
        ScmpRequest request,
        TOwner owner,
        TimeSpan now,
        TimeSpan timeout,
        out int length,
        out ushort sequence)
    {
        (length, sequence) = (0, 0);
        if (_waitingCount >= MaxWaiting || _timers.Count >= MaxRemembered)
        {
            return false;
        }
        while (_exchanges.TryGetValue(_nextSequence, out var taken) && taken.State == ExchangeState.Waiting)
        {
            _nextSequence++;
        }
        sequence = _nextSequence++;
        var cookie = (ulong)random.NextInt64();
        if (!request.TryWrite(packet, local, sequence, cookie, out length))
        {
            return false;
        }
        var exchange = new Exchange(request, owner, sequence, cookie, now, now + timeout);
        _exchanges[sequence] = exchange;
        _timers.Enqueue(exchange, exchange.Due);
        _waitingCount++;
        return true;
    }

    /// <summary>Forgets a request that the socket did not take.</summary>
    public void Forget(ushort sequence)
    {
        if (_exchanges.Remove(sequence, out var exchange))
        {
            Leave(exchange, ExchangeState.Answered);
        }
    }

    /// <summary>Takes an SCMP message; false when it does not conclude a request.</summary>
    public bool TryReceive(
        in ScionDatagram datagram,
        TimeSpan now,
        [MaybeNullWhen(false)] out TOwner owner,
        [NotNullWhen(true)] out ProbeOutcome? outcome)
    {
        (owner, outcome) = (default, null);
        if (!datagram.IsScmp || Find(datagram) is not { } exchange)
        {
            return false;
        }
        if (exchange.State != ExchangeState.Waiting)
        {
            Count(ref exchange.State == ExchangeState.Answered ? ref _duplicateCount : ref _lateCount);
            return false;
        }
        Leave(exchange, ExchangeState.Answered);
        owner = exchange.Owner;
        var rtt = now - exchange.SentAt;
        outcome = datagram.Scmp.IsError
            ? new ProbeOutcome.Refused(datagram.Scmp, datagram.Source, rtt)
            : new ProbeOutcome.Replied(rtt, datagram.Source, datagram.Payload.Length);
        return true;
    }

    /// <summary>Concludes one request whose time is up; false when there is none.</summary>
    public bool TryTimeOut(
        TimeSpan now, [MaybeNullWhen(false)] out TOwner owner, [NotNullWhen(true)] out ProbeOutcome? outcome)
    {
        (owner, outcome) = (default, null);
        while (_timers.TryPeek(out var exchange, out var due) && due <= now)
        {
            _timers.Dequeue();
            if (due == exchange.Due)
            {
                _timers.Enqueue(exchange, due + Memory);
            }
            else if (_exchanges.GetValueOrDefault(exchange.Sequence) == exchange)
            {
                _exchanges.Remove(exchange.Sequence);
            }
            if (exchange.State == ExchangeState.Waiting)
            {
                Leave(exchange, ExchangeState.TimedOut);
                (owner, outcome) = (exchange.Owner, new ProbeOutcome.TimedOut(exchange.Due - exchange.SentAt));
                return true;
            }
        }
        return false;
    }

    /// <summary>True when a quote is one of our requests of late.</summary>
    public bool Recognizes(in ScmpQuote quote) => FindQuoted(quote) is not null;

    private static void Count(ref long counter) => Volatile.Write(ref counter, counter + 1);

    private static bool IsHonest(Exchange exchange, in ScionDatagram datagram)
    {
        var (request, scmp, source) = (exchange.Request, datagram.Scmp, datagram.Source);
        if (scmp.Type == ScmpType.EchoReply)
        {
            return request.Type == ScmpType.EchoRequest
                && source.IsdAs == request.Path.Destination
                && source.Host == request.Host
                && datagram.Payload.Length == request.PayloadLength
                && request.IsData(datagram.Payload, exchange.Cookie);
        }
        return request.Type == ScmpType.TracerouteRequest
            && request.Path.Interfaces[request.InterfaceIndex] is var asked
            && (scmp.IsdAs, scmp.Interface) == (asked.IsdAs, asked.Id)
            && source.IsdAs == asked.IsdAs;
    }

    private Exchange? Find(in ScionDatagram datagram)
    {
        Exchange? exchange;
        bool isHonest;
        if (datagram.Scmp.IsError)
        {
            var source = datagram.Source.IsdAs;
            exchange = ScmpQuote.TryRead(datagram.Payload, out var quote) ? FindQuoted(quote) : null;
            isHonest = exchange is not null && exchange.Request.Path.Hops.Any(hop => hop.IsdAs == source);
        }
        else
        {
            exchange = datagram.Scmp.Type is ScmpType.EchoReply or ScmpType.TracerouteReply
                ? _exchanges.GetValueOrDefault(datagram.Scmp.Sequence)
                : null;
            isHonest = exchange is not null && IsHonest(exchange, datagram);
        }
        if (!isHonest)
        {
            Count(ref exchange is null ? ref _unknownCount : ref _forgedCount);
        }
        return isHonest ? exchange : null;
    }

    private Exchange? FindQuoted(in ScmpQuote quote)
    {
        if (quote.Packet.Protocol != L4Protocol.Scmp
            || quote.Source.IsdAs != local.IsdAs // The socket has looked at the rest, which a NAT changes.
            || !ScmpMessage.TryRead(quote.Packet.UpperLayer, out var sent, out var data, out _)
            || !_exchanges.TryGetValue(sent.Sequence, out var exchange))
        {
            return null;
        }
        var request = exchange.Request;
        var isOurs = sent.Type == request.Type
            && quote.Destination.IsdAs == request.Path.Destination
            && quote.Destination.Host == request.Host
            && WirePath.IsSame(quote.Packet.RawPath, request.Path.DataplanePath.Span)
            && quote.Packet.FlowId == ScmpRequest.FlowIdOf(exchange.Cookie)
            && request.IsData(data, exchange.Cookie);
        return isOurs ? exchange : null;
    }

    private void Leave(Exchange exchange, ExchangeState state)
    {
        if (exchange.State == ExchangeState.Waiting)
        {
            _waitingCount--;
        }
        exchange.State = state;
    }

    private sealed class Exchange(
        ScmpRequest request, TOwner owner, ushort sequence, ulong cookie, TimeSpan sentAt, TimeSpan due)
    {
        public ScmpRequest Request => request;

        public TOwner Owner => owner;

        public ushort Sequence => sequence;

        public ulong Cookie => cookie;

        public TimeSpan SentAt => sentAt;

        public TimeSpan Due => due;

        public ExchangeState State { get; set; }
    }
}
