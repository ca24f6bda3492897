namespace MqttScion.Scion;

/// <summary>
/// How to get paths without an endhost API or a daemon. Exactly one of <see cref="TopologyFile"/> and
/// <see cref="BootstrapServer"/> is set. Read once, when the source is made.
/// </summary>
public sealed class StandaloneOptions
{
    /// <summary>The <c>topology.json</c> of the AS; null when it comes from a bootstrap server.</summary>
    public string? TopologyFile { get; set; }

    /// <summary>
    /// The bootstrap server, such as <c>http://10.0.0.1:8041</c> (8041 is the usual port), which is asked for
    /// <c>/topology</c>; null when the topology comes from a file.
    /// </summary>
    public Uri? BootstrapServer { get; set; }

    /// <summary>The longest wait for one answer; default 10 s, more than zero, at most a day.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The largest answer or file taken, in bytes; default 4 MiB, 1 KiB to 64 MiB.</summary>
    public int MaxAnswerBytes { get; set; } = 4 << 20;

    /// <summary>How long the topology is used before it is read again; default 600 s, at most a day.</summary>
    public TimeSpan TopologyLifetime { get; set; } = TimeSpan.FromSeconds(600);

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentException">An option is missing or out of its range.</exception>
    internal void Validate()
    {
        if (string.IsNullOrEmpty(TopologyFile) == (BootstrapServer is null))
        {
            throw new ArgumentException(
                "Exactly one of TopologyFile and BootstrapServer must be set; "
                + (BootstrapServer is null ? "none is." : "both are."));
        }
        if (BootstrapServer is not (null or { IsAbsoluteUri: true, Scheme: "http" or "https" }))
        {
            throw new ArgumentException(
                $"The bootstrap server needs an http or https address; it is '{BootstrapServer}'.");
        }
        var most = TimeSpan.FromDays(1);
        if (Timeout <= TimeSpan.Zero || TopologyLifetime <= TimeSpan.Zero || Timeout > most || TopologyLifetime > most)
        {
            throw new ArgumentException(
                $"Timeout and TopologyLifetime must be more than zero and at most {most}; they are {Timeout} and "
                + $"{TopologyLifetime}.");
        }
        if (MaxAnswerBytes is < 1 << 10 or > 64 << 20)
        {
            throw new ArgumentException($"MaxAnswerBytes must be 1024 to 67108864; it is {MaxAnswerBytes}.");
        }
    }
}
