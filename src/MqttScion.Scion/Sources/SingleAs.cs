namespace MqttScion.Scion;

/// <summary>The rule that a look-up leads to one AS.</summary>
internal static class SingleAs
{
    /// <summary>Refuses a destination of which a part is a wildcard.</summary>
    /// <exception cref="ArgumentException">It is.</exception>
    public static void ThrowIfWildcard(IsdAs destination)
    {
        if (destination.IsWildcard)
        {
            throw new ArgumentException($"A destination must name one AS; it is {destination}.", nameof(destination));
        }
    }
}
