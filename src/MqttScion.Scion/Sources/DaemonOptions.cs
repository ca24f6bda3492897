namespace MqttScion.Scion;

/// <summary>How to reach and use a SCION daemon. Read once, when the source is made.</summary>
public sealed class DaemonOptions
{
    /// <summary>
    /// The address; http (HTTP/2 without TLS) or https; default <c>http://127.0.0.1:30255</c>. A path in it is ignored.
    /// </summary>
    public Uri Url { get; set; } = new("http://127.0.0.1:30255");

    /// <summary>The longest wait for one answer; default 10 s, more than zero, at most a day.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The largest answer taken, in bytes; default 4 MiB, 1 KiB to 64 MiB.</summary>
    public int MaxAnswerBytes { get; set; } = 4 << 20;

    /// <summary>How long what the daemon tells about the local AS is used; default 600 s, at most a day.</summary>
    public TimeSpan LocalLifetime { get; set; } = TimeSpan.FromSeconds(600);

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    internal void Validate()
    {
        if (Url is not { IsAbsoluteUri: true, Scheme: "http" or "https" })
        {
            throw new ArgumentException($"The SCION daemon needs an http or https address; it is '{Url}'.");
        }
        var most = TimeSpan.FromDays(1);
        if (Timeout <= TimeSpan.Zero || LocalLifetime <= TimeSpan.Zero || Timeout > most || LocalLifetime > most)
        {
            throw new ArgumentException(
                $"Timeout and LocalLifetime must be more than zero and at most {most}; they are {Timeout} and "
                + $"{LocalLifetime}.");
        }
        if (MaxAnswerBytes is < 1 << 10 or > 64 << 20)
        {
            throw new ArgumentException($"MaxAnswerBytes must be 1024 to 67108864; it is {MaxAnswerBytes}.");
        }
    }
}
