namespace MqttScion.Scion;

/// <summary>The time a hop field stays valid after its segment's timestamp, in 256 steps of 337.5 s up to a day.</summary>
internal static class HopLifetime
{
    /// <summary>One step, and the shortest lifetime.</summary>
    public static readonly TimeSpan Unit = TimeSpan.FromDays(1) / 256;

    /// <summary>The lifetime that an ExpTime byte encodes.</summary>
    public static TimeSpan FromExpTime(byte expTime) => Unit * (1 + expTime);

    /// <summary>Encodes the longest lifetime that is not longer than <paramref name="lifetime"/>.</summary>
    public static bool TryToExpTime(TimeSpan lifetime, out byte expTime)
    {
        var isEncodable = lifetime >= Unit && lifetime <= TimeSpan.FromDays(1);
        expTime = isEncodable ? (byte)(lifetime.Ticks / Unit.Ticks - 1) : (byte)0;
        return isEncodable;
    }
}
