using System.CommandLine;
using MqttScion.Quic;

namespace MqttScion.QuicPerf;

/// <summary>Connections that are closed as soon as they are confirmed.</summary>
internal sealed class HandshakesMode(int count, int parallel) : ClientMode
{
    private readonly LatencySamples _samples = new(count);
    private readonly Dictionary<LoopConnection, TimeSpan> _startedAt = [];
    private ConnectionReport? _last;
    private int _done;

    /// <inheritdoc/>
    public override int ConnectionCount => count;

    /// <summary>Makes the command.</summary>
    public static Command CreateCommand()
    {
        var count = new Option<int>("--count") { Description = "Handshakes.", DefaultValueFactory = _ => 1000 };
        var parallel = new Option<int>("--parallel")
        {
            Description = "How many at a time.",
            DefaultValueFactory = _ => 1,
        };
        var command = new Command("handshakes", "Connect again and again.") { count, parallel };
        return ClientCommand.Complete(command, parse => new HandshakesMode(
            Math.Max(1, parse.GetValue(count)), Math.Max(1, parse.GetValue(parallel))));
    }

    /// <inheritdoc/>
    public override PerfReport Run()
    {
        var probe = ConnectAndWait(out var handshakeMs);
        var serverBefore = QueryServer(probe);
        var before = Figures.Take();
        var start = Loop.Now;
        while (_done < count)
        {
            while (_startedAt.Count < Math.Min(parallel, count - _done))
                _startedAt.Add(Connect(), Loop.Now);
            var seen = _done;
            RunUntil(() => _done > seen, "a handshake was confirmed");
        }
        var seconds = (Loop.Now - start).TotalSeconds;
        var report = _samples.AddTo(new PerfReport
        {
            Mode = "handshakes",
            Seconds = seconds,
            Operations = count,
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
        if (item.Kind != QuicEventKind.HandshakeConfirmed || !_startedAt.Remove(connection, out var startedAt))
            return;
        _samples.Add(now - startedAt);
        _done++;
        _last = ConnectionReport.Of(connection.Quic);
        connection.Quic.Close(0, "", now);
    }
}
