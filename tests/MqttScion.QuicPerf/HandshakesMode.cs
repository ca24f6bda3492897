using System.CommandLine;
using MqttScion.Quic;

namespace MqttScion.QuicPerf;

/// <summary>Connections that are closed as soon as they are confirmed, or have answered.</summary>
internal sealed class HandshakesMode(HandshakeKind kind, int count, int parallel, bool asks) : ClientMode
{
    private const int MessageBytes = 64;

    private readonly LatencySamples _samples = new(count);
    private readonly Dictionary<LoopConnection, TimeSpan> _startedAt = [];
    private readonly Queue<QuicSessionTicket> _tickets = new();
    private ConnectionReport? _last;
    private int _done;
    private int _resumed;
    private int _early;

    /// <inheritdoc/>
    public override int ConnectionCount => count;

    /// <summary>Makes the command.</summary>
    public static Command CreateCommand()
    {
        var count = new Option<int>("--count") { Description = "Handshakes.", DefaultValueFactory = _ => 1000 };
        var parallel = new Option<int>("--parallel")
        {
            Description = "How many at a time; 1 unless they are full.",
            DefaultValueFactory = _ => 1,
        };
        var kind = new Option<HandshakeKind>("--kind")
        {
            Description = "Full, Resumed, or Early: with a request in 0-RTT packets. Tickets need 'server --tickets'.",
        };
        var asks = new Option<bool>("--request")
        {
            Description = "Wait for the echo of a small message on each connection, instead of the confirmation.",
        };
        var command = new Command("handshakes", "Connect again and again.") { count, parallel, kind, asks };
        return ClientCommand.Complete(command, parse => new HandshakesMode(
            parse.GetValue(kind),
            Math.Max(1, parse.GetValue(count)),
            parse.GetValue(kind) == HandshakeKind.Full ? Math.Max(1, parse.GetValue(parallel)) : 1,
            parse.GetValue(asks) || parse.GetValue(kind) == HandshakeKind.Early));
    }

    /// <inheritdoc/>
    public override void Configure(QuicOptions options) => options.EarlyData = kind == HandshakeKind.Early;

    /// <inheritdoc/>
    public override PerfReport Run()
    {
        var probe = ConnectAndWait(out var handshakeMs);
        var serverBefore = QueryServer(probe);
        var before = Figures.Take();
        var start = Loop.Now;
        while (_done < count)
        {
            RunUntil(() => kind == HandshakeKind.Full || _tickets.Count > 0, "the server gave a ticket");
            while (_startedAt.Count < Math.Min(parallel, count - _done))
                Start();
            var seen = _done;
            RunUntil(() => _done > seen, "a handshake was over");
        }
        var seconds = (Loop.Now - start).TotalSeconds;
        var report = _samples.AddTo(new PerfReport
        {
            Mode = "handshakes",
            Seconds = seconds,
            Operations = count,
            Resumed = _resumed,
            EarlyDataAccepted = _early,
            HandshakeMs = handshakeMs,
            Client = Figures.Take() - before,
            Server = QueryServer(probe) - serverBefore,
            Connection = _last,
        });
        Close(probe);
        return report;
    }

    /// <inheritdoc/>
    public override void OnEvent(LoopConnection connection, in QuicEvent item, TimeSpan now)
    {
        base.OnEvent(connection, item, now);
        if (item.Kind == QuicEventKind.SessionTicketReceived)
        {
            while (connection.Quic.TryTakeSessionTicket(out var ticket))
                _tickets.Enqueue(ticket);
        }
        if (!_startedAt.TryGetValue(connection, out var startedAt))
            return;
        var isReady = item.Kind is QuicEventKind.EarlyDataReady or QuicEventKind.HandshakeCompleted;
        if (asks && isReady && connection.Program is null)
            Open(connection, stream => Ask(connection, stream, startedAt));
        var isOver = asks
            ? connection.Program is PingStream { EchoedCount: > 0 } && connection.Quic.IsHandshakeConfirmed
            : connection.Quic.IsHandshakeConfirmed;
        // The ticket for the next one comes right behind the confirmation.
        if (isOver && (kind == HandshakeKind.Full || _tickets.Count > 0))
            End(connection, startedAt, now);
    }

    private void Start()
    {
        var startedAt = Loop.Now;
        _startedAt.Add(Connect(kind == HandshakeKind.Full ? null : _tickets.Dequeue()), startedAt);
    }

    private PingStream Ask(LoopConnection connection, QuicStream stream, TimeSpan startedAt)
    {
        var ping = new PingStream(stream, MessageBytes, _samples);
        // Its time counts from the start of the connection.
        ping.Send(startedAt, isLast: true);
        connection.Program = ping;
        return ping;
    }

    private void End(LoopConnection connection, TimeSpan startedAt, TimeSpan now)
    {
        _startedAt.Remove(connection);
        if (!asks)
            _samples.Add(now - startedAt);
        _done++;
        _resumed += connection.Quic.IsResumed ? 1 : 0;
        _early += connection.Quic.EarlyDataAccepted == true ? 1 : 0;
        _last = ConnectionReport.Of(connection.Quic);
        connection.Quic.Close(0, "", now);
    }
}
