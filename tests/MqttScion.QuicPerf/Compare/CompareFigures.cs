namespace MqttScion.QuicPerf;

/// <summary>What a contender did in a scenario; MB are 10^6 bytes.</summary>
internal sealed record CompareFigures
{
    /// <summary>Whose figures these are.</summary>
    public required string Name { get; init; }

    /// <summary>The speed of each download, in the order of the rounds.</summary>
    public required IReadOnlyList<double> MbPerSecond { get; init; }

    /// <summary>The middle one of the speeds.</summary>
    public double Median => MedianOf(MbPerSecond);

    /// <summary>The slowest download.</summary>
    public double Least => MbPerSecond.Min();

    /// <summary>The fastest download.</summary>
    public double Most => MbPerSecond.Max();

    /// <summary>The median CPU time of the server for a download, user and system.</summary>
    public required double ServerCpuSeconds { get; init; }

    /// <summary>The median CPU time of the client for a download, user and system.</summary>
    public required double ClientCpuSeconds { get; init; }

    /// <summary>CPU milliseconds of both for a MB.</summary>
    public required double CpuMsPerMb { get; init; }

    /// <summary>Our median speed divided by this one: above 1 is in our favour.</summary>
    public double? OursToThis { get; init; }

    /// <summary>This CPU time a MB divided by ours: above 1 is in our favour.</summary>
    public double? CpuToOurs { get; init; }

    /// <summary>Sums up the downloads of a contender.</summary>
    public static CompareFigures Of(string name, long bytes, IReadOnlyList<CompareSample> samples)
    {
        var megabytes = bytes / 1e6;
        return new CompareFigures
        {
            Name = name,
            MbPerSecond = [.. samples.Select(item => megabytes / item.Seconds)],
            ServerCpuSeconds = MedianOf([.. samples.Select(item => item.ServerSeconds)]),
            ClientCpuSeconds = MedianOf([.. samples.Select(item => item.ClientSeconds)]),
            CpuMsPerMb = MedianOf([.. samples.Select(item =>
                (item.ServerSeconds + item.ClientSeconds) * 1000 / megabytes)]),
        };
    }

    private static double MedianOf(IReadOnlyList<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
