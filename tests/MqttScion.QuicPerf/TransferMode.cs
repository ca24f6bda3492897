using System.CommandLine;

namespace MqttScion.QuicPerf;

/// <summary>Bulk in one direction, or both.</summary>
internal sealed class TransferMode(string name, char kind, long bytes, int streams, long warmupBytes, bool checks)
    : ClientMode
{
    private const int MaxStreams = 1000;

    /// <summary>Makes the command.</summary>
    public static Command CreateCommand(string name, string description, char kind)
    {
        var bytes = SizeOption.Create("--bytes", "How much in all.", 200 << 20);
        var streams = new Option<int>("--streams")
        {
            Description = $"On how many streams, 1 to {MaxStreams}. Default: 1.",
            DefaultValueFactory = _ => 1,
        };
        var warmup = SizeOption.Create("--warmup", "How much to transfer before, unmeasured.", 0);
        var noHash = new Option<bool>("--no-hash") { Description = "Leave SHA-256 out; needs our server." };
        var command = new Command(name, description) { bytes, streams, warmup };
        if (kind != StreamCommand.Echo)
            command.Options.Add(noHash);
        return ClientCommand.Complete(command, parse => new TransferMode(
            name,
            kind,
            parse.GetValue(bytes),
            Math.Clamp(parse.GetValue(streams), 1, MaxStreams),
            parse.GetValue(warmup),
            !parse.GetValue(noHash)));
    }

    /// <inheritdoc/>
    public override PerfReport Run()
    {
        var connection = ConnectAndWait(out var handshakeMs);
        if (warmupBytes > 0)
            Transfer(connection, warmupBytes);
        var serverBefore = QueryServer(connection);
        var before = Figures.Take();
        var start = Loop.Now;
        Transfer(connection, bytes);
        var seconds = (Loop.Now - start).TotalSeconds;
        var used = Figures.Take() - before;
        var report = new PerfReport
        {
            Mode = name,
            Seconds = seconds,
            Bytes = bytes,
            Streams = streams,
            Verified = checks,
            HandshakeMs = handshakeMs,
            Client = used,
            Server = QueryServer(connection) - serverBefore,
            Connection = ConnectionReport.Of(connection.Quic),
            Unsent = Loop.UnsentCount,
            Dropped = Loop.DroppedCount,
        };
        Close(connection);
        return report;
    }

    private void Transfer(LoopConnection connection, long total)
    {
        var wire = (kind, checks) switch
        {
            (StreamCommand.Up, false) => StreamCommand.UncheckedUp,
            (StreamCommand.Down, false) => StreamCommand.UncheckedDown,
            _ => kind,
        };
        var transfers = new List<IClientStream>();
        for (var index = 0; index < streams; index++)
        {
            var share = total * (index + 1) / streams - total * index / streams;
            Open(connection, stream =>
            {
                var command = new StreamCommand(wire, share);
                IClientStream transfer = kind == StreamCommand.Down
                    ? new DownloadStream(stream, command)
                    : new UploadStream(stream, command);
                transfers.Add(transfer);
                return transfer;
            });
        }
        RunUntil(() => transfers.TrueForAll(static transfer => transfer.IsDone), "everything was transferred");
    }
}
