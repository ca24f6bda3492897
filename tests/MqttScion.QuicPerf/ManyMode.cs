using System.CommandLine;

namespace MqttScion.QuicPerf;

/// <summary>Many connections that each send a small message now and then, which comes back.</summary>
internal sealed class ManyMode(int connections, double rate, int size, TimeSpan duration) : ClientMode
{
    private const int MaxConnections = 20_000;
    private const int MaxSize = 60_000;
    private const int MaxSamples = 1_000_000;
    private const int ParallelHandshakes = 50;

    private readonly List<(LoopConnection Connection, PingStream Stream)> _senders = [];
    private readonly LatencySamples _samples = new(MaxSamples);
    private readonly TimeSpan _interval = TimeSpan.FromSeconds(1 / (rate * connections));
    private TimeSpan? _nextTime;
    private int _nextSender;
    private long _sent;
    private long _refused;

    /// <inheritdoc/>
    public override int ConnectionCount => connections + 1;

    /// <inheritdoc/>
    public override TimeSpan? NextTime => _nextTime;

    /// <summary>Makes the command.</summary>
    public static Command CreateCommand()
    {
        var connections = new Option<int>("--connections")
        {
            Description = "How many.",
            DefaultValueFactory = _ => 1000,
        };
        var rate = new Option<double>("--rate")
        {
            Description = "Messages a second on each.",
            DefaultValueFactory = _ => 10,
        };
        var size = SizeOption.Create("--size", "Bytes of a message.", 64);
        var duration = new Option<double>("--duration") { Description = "Seconds.", DefaultValueFactory = _ => 10 };
        var command = new Command("many", "Small messages on many connections, each of which comes back.")
        {
            connections, rate, size, duration,
        };
        return ClientCommand.Complete(command, parse => new ManyMode(
            Math.Clamp(parse.GetValue(connections), 1, MaxConnections),
            Math.Clamp(parse.GetValue(rate), 0.001, 1e6),
            (int)Math.Clamp(parse.GetValue(size), 1, MaxSize),
            TimeSpan.FromSeconds(parse.GetValue(duration))));
    }

    /// <inheritdoc/>
    public override PerfReport Run()
    {
        var probe = ConnectAndWait(out var handshakeMs);
        ConnectAll();
        // A second of traffic, so that what is measured is the steady state.
        Send(TimeSpan.FromSeconds(1));
        var serverBefore = QueryServer(probe);
        var before = Figures.Take();
        var start = Loop.Now;
        var (sentBefore, echoedBefore) = (_sent, Echoed);
        Send(duration);
        var report = _samples.AddTo(new PerfReport
        {
            Mode = "many",
            Seconds = (Loop.Now - start).TotalSeconds,
            Operations = Echoed - echoedBefore,
            Streams = connections,
            HandshakeMs = handshakeMs,
            Client = Figures.Take() - before,
            Server = QueryServer(probe) - serverBefore,
            Connection = ConnectionReport.Of(_senders[0].Connection.Quic),
            Unsent = Loop.UnsentCount,
        });
        if (_refused > 0)
            throw new IOException($"{_refused} of {_sent - sentBefore} messages found no room: the rate is too high.");
        return report;
    }

    /// <inheritdoc/>
    public override void OnTime(TimeSpan now)
    {
        for (; _nextTime <= now; _nextTime += _interval)
        {
            var (connection, stream) = _senders[_nextSender];
            _nextSender = (_nextSender + 1) % _senders.Count;
            if (stream.Send(now))
                _sent++;
            else
                _refused++;
            Loop.MarkDirty(connection);
        }
    }

    private long Echoed => _senders.Sum(static sender => sender.Stream.EchoedCount);

    private void ConnectAll()
    {
        while (_senders.Count < connections)
        {
            var group = new List<LoopConnection>();
            while (group.Count < ParallelHandshakes && _senders.Count + group.Count < connections)
                group.Add(Connect());
            RunUntil(() => group.TrueForAll(static one => one.Quic.IsHandshakeConfirmed), "all were connected");
            foreach (var connection in group)
            {
                PingStream? ping = null;
                Open(connection, stream => ping = new PingStream(stream, size, _samples));
                _senders.Add((connection, ping!));
            }
        }
    }

    private void Send(TimeSpan time)
    {
        var end = Loop.Now + time;
        _nextTime = Loop.Now;
        RunUntil(() => Loop.Now >= end, "the time was over");
        _nextTime = null;
        RunUntil(() => _senders.TrueForAll(static sender => !sender.Stream.IsWaiting), "all messages were back");
    }
}
