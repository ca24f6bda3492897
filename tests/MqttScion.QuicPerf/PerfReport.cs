using System.Text;
using System.Text.Json;

namespace MqttScion.QuicPerf;

/// <summary>What a client measured; fields that say nothing in a mode are null.</summary>
/// <remarks>MB are 10^6 bytes. CPU time per MB or per operation leaves SHA-256 out.</remarks>
internal sealed record PerfReport
{
    /// <summary>The mode.</summary>
    public required string Mode { get; init; }

    /// <summary>The measured time, without handshake and warm-up.</summary>
    public required double Seconds { get; init; }

    /// <summary>Bytes transferred, one way.</summary>
    public long? Bytes { get; init; }

    /// <summary>Streams used at a time.</summary>
    public int? Streams { get; init; }

    /// <summary>The speed.</summary>
    public double? MbPerSecond => Bytes / 1e6 / Seconds;

    /// <summary>Requests, messages or handshakes.</summary>
    public long? Operations { get; init; }

    /// <summary>Operations a second.</summary>
    public double? OperationsPerSecond => Operations / Seconds;

    /// <summary>How many of the handshakes resumed a session.</summary>
    public int? Resumed { get; init; }

    /// <summary>How many of them had their early data accepted.</summary>
    public int? EarlyDataAccepted { get; init; }

    /// <summary>Whether SHA-256 was compared.</summary>
    public bool? Verified { get; init; }

    /// <summary>The time until the server confirmed the handshake.</summary>
    public double? HandshakeMs { get; init; }

    /// <summary>Half of the operations took no longer.</summary>
    public double? P50Us { get; init; }

    /// <summary>99 of 100 operations took no longer.</summary>
    public double? P99Us { get; init; }

    /// <summary>The longest operation.</summary>
    public double? MaxUs { get; init; }

    /// <summary>What the client's process used.</summary>
    public required Figures Client { get; init; }

    /// <summary>What the server's process used; null when it doesn't tell.</summary>
    public Figures? Server { get; init; }

    /// <summary>CPU milliseconds a MB, client.</summary>
    public double? ClientMsPerMb => Client.EngineSeconds * 1e9 / Bytes;

    /// <summary>CPU milliseconds a MB, server.</summary>
    public double? ServerMsPerMb => Server?.EngineSeconds * 1e9 / Bytes;

    /// <summary>CPU microseconds an operation, client.</summary>
    public double? ClientUsPerOperation => Client.EngineSeconds * 1e6 / Operations;

    /// <summary>CPU microseconds an operation, server.</summary>
    public double? ServerUsPerOperation => Server?.EngineSeconds * 1e6 / Operations;

    /// <summary>The counters of the (last) connection.</summary>
    public ConnectionReport? Connection { get; init; }

    /// <summary>Datagrams that the socket did not take.</summary>
    public long Unsent { get; init; }

    /// <summary>Datagrams that the impairment dropped.</summary>
    public long Dropped { get; init; }

    /// <summary>The connection's window in bytes.</summary>
    public long Window { get; init; }

    /// <summary>A stream's window in bytes.</summary>
    public long StreamWindow { get; init; }

    /// <summary>The congestion control.</summary>
    public string Cc { get; init; } = "";

    /// <summary>A line for each field that says something.</summary>
    public string ToText()
    {
        var text = new StringBuilder();
        using var document = JsonDocument.Parse(Figures.ToJson(this));
        foreach (var field in document.RootElement.EnumerateObject())
        {
            if (field.Value.ValueKind != JsonValueKind.Null)
                text.Append($"{field.Name,-24}{field.Value.GetRawText()}\n");
        }
        return text.ToString().TrimEnd();
    }
}
