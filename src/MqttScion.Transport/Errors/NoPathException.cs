using MqttScion.Scion;

namespace MqttScion;

/// <summary>No SCION path leads to the server, or the path policy allows none of those that do.</summary>
public sealed class NoPathException : TransportException
{
    internal NoPathException(IsdAs destination, int foundCount)
        : base(foundCount == 0
            ? $"No SCION path to {destination}: the path source knows none."
            : $"No SCION path to {destination}: the path policy allows none of the {foundCount} that exist.") =>
        (Destination, FoundCount) = (destination, foundCount);

    /// <summary>Where the path should have led.</summary>
    public IsdAs Destination { get; }

    /// <summary>How many paths there are before the policy.</summary>
    public int FoundCount { get; }
}
