using System.CommandLine;

namespace MqttScion.QuicPerf;

/// <summary><c>quicperf compare save</c>: downloads into a file, as the other clients of a comparison do.</summary>
internal sealed class SaveMode(long bytes, long warmupBytes, string file) : ClientMode
{
    /// <summary>Makes the command.</summary>
    public static Command CreateCommand()
    {
        var bytes = SizeOption.Create("--bytes", "How much.", 200 << 20);
        var file = new Option<string>("--out") { Description = "The file.", HelpName = "file", Required = true };
        var warmup = SizeOption.Create("--warmup", "How much to download before, on another connection.", 0);
        var command = new Command("save", "Download into a file; needs our server.") { bytes, file, warmup };
        command.Hidden = true;
        return ClientCommand.Complete(
            command,
            parse => new SaveMode(parse.GetValue(bytes), parse.GetValue(warmup), parse.GetValue(file)!));
    }

    /// <inheritdoc/>
    public override PerfReport Run()
    {
        if (warmupBytes > 0)
            WarmUp();
        var connection = ConnectAndWait(out var handshakeMs);
        var before = Figures.Take();
        var start = Loop.Now;
        SaveStream? saved = null;
        using var target = File.OpenHandle(file, FileMode.Create, FileAccess.Write);
        Open(connection, stream => saved = new SaveStream(stream, target, bytes));
        RunUntil(() => saved!.IsDone, "everything was saved");
        var report = new PerfReport
        {
            Mode = "save",
            Seconds = (Loop.Now - start).TotalSeconds,
            Bytes = bytes,
            HandshakeMs = handshakeMs,
            Client = Figures.Take() - before,
            Connection = ConnectionReport.Of(connection.Quic),
            Unsent = Loop.UnsentCount,
            Dropped = Loop.DroppedCount,
        };
        Close(connection);
        return report;
    }

    private void WarmUp()
    {
        var connection = ConnectAndWait(out _);
        DownloadStream? unsaved = null;
        var command = new StreamCommand(StreamCommand.UncheckedDown, warmupBytes);
        Open(connection, stream => unsaved = new DownloadStream(stream, command));
        RunUntil(() => unsaved!.IsDone, "the program was warm");
        Close(connection);
    }
}
