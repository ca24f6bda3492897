namespace MqttScion.QuicPerf;

/// <summary>This engine: <c>quicperf server</c> and <c>quicperf compare save</c>.</summary>
/// <param name="files">The content and the certificates.</param>
/// <param name="congestion">Which congestion control, as <c>quicperf --cc</c> names it.</param>
internal sealed class OurContender(CompareFiles files, string congestion) : Contender(files)
{
    private const long SendBufferBytes = 4 << 20;

    /// <summary>This program.</summary>
    public static string Program { get; } =
        Environment.ProcessPath ?? throw new InvalidOperationException("The system does not tell our program.");

    /// <inheritdoc/>
    public override string Name => "ours";

    /// <inheritdoc/>
    public override string Description =>
        $"GSO and GRO on both sides; {DatagramBytes} B from the start; --cc {congestion}; send buffer "
        + $"{SendBufferBytes >> 20} MiB; a client first downloads as much as --warmup says "
        + "on another connection, since it is compiled as it runs";

    /// <inheritdoc/>
    public override string? MissingHint => null;

    /// <inheritdoc/>
    public override ChildProcess StartServer(out int port)
    {
        var server = new ChildProcess(
            Program, ["server", "--listen", "127.0.0.1:0", "--send-buffer", $"{SendBufferBytes}", .. Shared()]);
        port = PortOf(server.WaitFor("listening"));
        return server;
    }

    /// <inheritdoc/>
    public override ChildProcess StartClient(int port, long bytes, long warmupBytes, string file) => new(
        Program,
        ["compare", "save", $"127.0.0.1:{port}", "--bytes", $"{bytes}", "--out", file, "--warmup", $"{warmupBytes}",
            "--window", $"{WindowBytes}", "--stream-window", $"{StreamWindowBytes}", .. Shared()]);

    private string[] Shared() => ["--pki", Files.Folder, "--max-datagram", $"{DatagramBytes}", "--cc", congestion];
}
