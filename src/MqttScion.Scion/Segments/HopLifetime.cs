namespace MqttScion.Scion;

/// <summary>
/// The time a hop field stays valid after its segment's timestamp, in 256 steps of 337.5 s up to a day.
/// </summary>
internal static class HopLifetime
{
    /// <summary>Encodes the longest lifetime that is not longer than <paramref name="lifetime"/>.</summary>
    public static bool TryToExpTime(TimeSpan lifetime, out byte expTime)
    {
        var isEncodable = lifetime >= HopField.ExpTimeStep && lifetime <= TimeSpan.FromDays(1);
        expTime = isEncodable ? (byte)(lifetime.Ticks / HopField.ExpTimeStep.Ticks - 1) : (byte)0;
        return isEncodable;
    }
}
