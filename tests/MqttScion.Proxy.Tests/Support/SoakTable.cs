using System.Globalization;
using MqttScion.TestPeer;

namespace MqttScion.Proxy.Tests.Support;

/// <summary>The rows of a soak as a Markdown table, and what they say about memory.</summary>
/// <remarks>
/// Flat means: the line through the rows after warm-up (the first third) rises over their whole time by no more than a
/// tenth of their mean, or 2 MiB of heap, or 16 MiB of resident memory, whichever is more.
/// </remarks>
public sealed class SoakTable
{
    private const double Mebibyte = 1024 * 1024;
    private const double HeapTolerance = 2 * Mebibyte;
    private const double ResidentTolerance = 16 * Mebibyte;
    private const double RelativeTolerance = 0.1;

    private readonly DateTime _startedAt = DateTime.UtcNow;
    private readonly Action<string> _write;
    private readonly string? _path;
    private readonly List<(ProcessSample Clients, ProcessSample Proxy, ProcessSample Testnet)> _rows = [];

    /// <param name="write">Takes each line.</param>
    /// <param name="path">The file to which each line is appended too, or null.</param>
    public SoakTable(Action<string> write, string? path)
    {
        (_write, _path) = (write, path);
        Write("| time | published | received | lost QoS 0 / 1+2 | again QoS 1 / 2 | reconnects | path switches | "
            + "subscriptions | heap MiB c / p / t | resident MiB c / p / t | handles c / p / t | threads c / p / t | "
            + "gen 0/1/2 c | gen 0/1/2 p |");
        Write("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|");
    }

    public void Add(SoakSample clients, ProcessSample proxy, ProcessSample testnet)
    {
        _rows.Add((clients.Process, proxy, testnet));
        ProcessSample[] all = [clients.Process, proxy, testnet];
        Write(string.Create(
            CultureInfo.InvariantCulture,
            $"| {DateTime.UtcNow - _startedAt:mm\\:ss} | {clients.Published} | {clients.Received} | "
            + $"{clients.LostAtMostOnce} / {clients.Lost} | {clients.AgainAtLeastOnce} / {clients.AgainExactlyOnce} | "
            + $"{clients.Reconnects} | {clients.PathSwitches} | {clients.Subscriptions} | "
            + $"{Join(all, p => Mebibytes(p.HeapBytes))} | {Join(all, p => Mebibytes(p.ResidentBytes))} | "
            + $"{Join(all, p => $"{p.Handles}")} | {Join(all, p => $"{p.Threads}")} | "
            + $"{Collections(clients.Process)} | {Collections(proxy)} |"));
    }

    /// <summary>Writes the end, and gives what is not flat; empty when all is.</summary>
    public IReadOnlyList<string> End(SoakSample last)
    {
        Write("");
        Write($"End: {last.Published} published, {last.Received} received, {last.Lost} lost at QoS 1 and 2, "
            + $"{last.Waiting} acknowledged and not there, {last.LostAtMostOnce} lost at QoS 0, "
            + $"{last.AgainAtLeastOnce} again at QoS 1, {last.AgainExactlyOnce} at QoS 2.");
        var rows = _rows.Skip(_rows.Count / 3).ToArray();
        List<(string Name, double[] Values, double Tolerance)> lines =
        [
            ("heap of the clients", [.. rows.Select(r => (double)r.Clients.HeapBytes)], HeapTolerance),
            ("heap of the proxy", [.. rows.Select(r => (double)r.Proxy.HeapBytes)], HeapTolerance),
            ("heap of testnet and broker", [.. rows.Select(r => (double)r.Testnet.HeapBytes)], HeapTolerance),
            ("resident clients", [.. rows.Select(r => (double)r.Clients.ResidentBytes)], ResidentTolerance),
            ("resident proxy", [.. rows.Select(r => (double)r.Proxy.ResidentBytes)], ResidentTolerance),
            ("resident testnet and broker", [.. rows.Select(r => (double)r.Testnet.ResidentBytes)], ResidentTolerance),
        ];
        var faults = new List<string>();
        foreach (var (name, values, tolerance) in lines)
        {
            var (rise, allowed) = (Rise(values), Math.Max(tolerance, RelativeTolerance * values.Average()));
            Write(string.Create(
                CultureInfo.InvariantCulture,
                $"{name}: {values.Average() / Mebibyte:F1} MiB, rises by {rise / Mebibyte:F2} MiB over the rows after "
                + $"warm-up; {allowed / Mebibyte:F1} are allowed."));
            if (rise > allowed)
            {
                faults.Add(name);
            }
        }
        Write(faults.Count == 0 ? "Memory is flat." : $"NOT FLAT: {string.Join(", ", faults)}.");
        return faults;
    }

    // Of the least-squares line, from its first row to its last.
    private static double Rise(double[] values)
    {
        var (middle, mean) = ((values.Length - 1) / 2.0, values.Average());
        var spread = values.Select((_, i) => (i - middle) * (i - middle)).Sum();
        var slope = spread == 0 ? 0 : values.Select((v, i) => (i - middle) * (v - mean)).Sum() / spread;
        return slope * (values.Length - 1);
    }

    private static string Mebibytes(long bytes) => (bytes / Mebibyte).ToString("F1", CultureInfo.InvariantCulture);

    private static string Collections(ProcessSample p) => $"{p.Collections0}/{p.Collections1}/{p.Collections2}";

    private static string Join(ProcessSample[] all, Func<ProcessSample, string> text) =>
        string.Join(" / ", all.Select(text));

    private void Write(string line)
    {
        _write(line);
        if (_path is not null)
        {
            File.AppendAllText(_path, line + "\n");
        }
    }
}
