namespace MqttScion.Scion;

/// <summary>How to reach and use an endhost API. Read once, when the source is made.</summary>
public sealed class EndhostApiOptions
{
    /// <summary>The base address, such as <c>http://127.0.0.1:10231</c>; http or https. Required.</summary>
    public Uri? Url { get; set; }

    /// <summary>The bearer token to send; null (default) for none. Never appears in messages.</summary>
    public string? Token { get; set; }

    /// <summary>The longest wait for one answer; default 10 s, more than zero, at most a day.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The largest answer taken, in bytes; default 4 MiB, 1 KiB to 64 MiB.</summary>
    public int MaxAnswerBytes { get; set; } = 4 << 20;

    /// <summary>
    /// How long the table of border routers is used before it is asked for again; default 600 s, at most a day.
    /// </summary>
    public TimeSpan UnderlayLifetime { get; set; } = TimeSpan.FromSeconds(600);

    /// <summary>
    /// Bytes of the largest SCION packet inside the own AS, which the API doesn't tell; default 1472 (Ethernet less IP
    /// and UDP), 1280 to 65535.
    /// </summary>
    public int LocalMtu { get; set; } = 1472;

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentException">An option is missing or out of its range.</exception>
    internal void Validate()
    {
        if (Url is not { IsAbsoluteUri: true, Scheme: "http" or "https" })
        {
            throw new ArgumentException($"The endhost API needs an http or https address; it is '{Url}'.");
        }
        var most = TimeSpan.FromDays(1);
        if (Timeout <= TimeSpan.Zero || UnderlayLifetime <= TimeSpan.Zero || Timeout > most || UnderlayLifetime > most)
        {
            throw new ArgumentException(
                $"Timeout and UnderlayLifetime must be more than zero and at most {most}; they are {Timeout} and "
                + $"{UnderlayLifetime}.");
        }
        if (MaxAnswerBytes is < 1 << 10 or > 64 << 20)
        {
            throw new ArgumentException($"MaxAnswerBytes must be 1024 to 67108864; it is {MaxAnswerBytes}.");
        }
        if (LocalMtu is < 1280 or > ushort.MaxValue)
        {
            throw new ArgumentException($"LocalMtu must be 1280 to 65535; it is {LocalMtu}.");
        }
    }
}
