namespace MqttScion.Quic.Tests;

/// <summary>Keeps a trace in memory, or fails on demand.</summary>
internal sealed class MemorySink : IQlogSink
{
    private readonly List<byte> _bytes = [];

    /// <summary>What becomes of the writes after so many good ones.</summary>
    public Func<int, bool>? Accept { get; init; }

    public int WriteCount { get; private set; }

    public int CompleteCount { get; private set; }

    public string? LocalAddress => "1-ff00:0:110,10.0.0.1";

    public byte[] Bytes => [.. _bytes];

    public bool TryWrite(ReadOnlySpan<byte> records)
    {
        if (Accept?.Invoke(WriteCount++) == false)
            return false;
        _bytes.AddRange(records);
        return true;
    }

    public void Complete() => CompleteCount++;
}
