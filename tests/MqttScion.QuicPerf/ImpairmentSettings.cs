namespace MqttScion.QuicPerf;

/// <summary>What a link does to datagrams.</summary>
/// <param name="Loss">How often one is dropped, from 0 to 1.</param>
/// <param name="Delay">How long each takes.</param>
/// <param name="Reorder">How often one takes longer than those behind it, from 0 to 1.</param>
/// <param name="BytesPerSecond">The rate, or 0 for no limit.</param>
/// <param name="QueueBytes">How much waits for the rate at most; the rest is dropped.</param>
/// <param name="Seed">Decides which datagrams are hit.</param>
internal sealed record ImpairmentSettings(
    double Loss, TimeSpan Delay, double Reorder, long BytesPerSecond, long QueueBytes, int Seed)
{
    /// <summary>True when datagrams come through as they are.</summary>
    public bool IsNone => Loss == 0 && Delay == TimeSpan.Zero && Reorder == 0 && BytesPerSecond == 0;
}
