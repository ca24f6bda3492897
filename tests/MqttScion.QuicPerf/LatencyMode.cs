using System.CommandLine;

namespace MqttScion.QuicPerf;

/// <summary>One message after another that comes back.</summary>
internal sealed class LatencyMode(int size, int count, bool opensStreams) : ClientMode
{
    private const int MaxSize = 60_000;
    private const int WarmupCount = 1000;

    /// <summary>Makes the command.</summary>
    public static Command CreateCommand()
    {
        var size = SizeOption.Create("--size", "Bytes of a message.", 64);
        var count = new Option<int>("--count") { Description = "Messages.", DefaultValueFactory = _ => 10_000 };
        var opens = new Option<bool>("--new-streams") { Description = "Open a stream for each message." };
        var command = new Command("latency", "Send a message, wait until it is back, and so on.")
        {
            size, count, opens,
        };
        return ClientCommand.Complete(command, parse => new LatencyMode(
            (int)Math.Clamp(parse.GetValue(size), 1, MaxSize),
            Math.Max(1, parse.GetValue(count)),
            parse.GetValue(opens)));
    }

    /// <inheritdoc/>
    public override PerfReport Run()
    {
        var connection = ConnectAndWait(out var handshakeMs);
        var samples = new LatencySamples(count);
        Exchange(connection, WarmupCount, new LatencySamples(WarmupCount));
        var serverBefore = QueryServer(connection);
        var before = Figures.Take();
        var start = Loop.Now;
        Exchange(connection, count, samples);
        var seconds = (Loop.Now - start).TotalSeconds;
        var report = samples.AddTo(new PerfReport
        {
            Mode = "latency",
            Seconds = seconds,
            Operations = count,
            HandshakeMs = handshakeMs,
            Client = Figures.Take() - before,
            Server = QueryServer(connection) - serverBefore,
            Connection = ConnectionReport.Of(connection.Quic),
        });
        Close(connection);
        return report;
    }

    private void Exchange(LoopConnection connection, int total, LatencySamples samples)
    {
        PingStream? ping = null;
        for (var done = 0; done < total; done++)
        {
            if (ping is null)
                Open(connection, stream => ping = new PingStream(stream, size, samples));
            ping!.Send(Loop.Now, isLast: opensStreams || done == total - 1);
            Loop.MarkDirty(connection);
            RunUntil(() => !ping.IsWaiting, "a message came back");
            if (opensStreams)
                ping = null;
        }
    }
}
