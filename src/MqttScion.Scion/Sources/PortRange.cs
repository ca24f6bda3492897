namespace MqttScion.Scion;

/// <summary>A range of UDP ports, both ends included; 0 to 0 is the empty range.</summary>
/// <param name="First">The lowest port.</param>
/// <param name="Last">The highest port.</param>
public readonly record struct PortRange(ushort First, ushort Last)
{
    /// <summary>The range that scionproto deploys by default: 31000 to 32767.</summary>
    public static PortRange Customary { get; } = new(31000, 32767);

    /// <summary>True when no port is in the range.</summary>
    public bool IsEmpty => Last == 0 || Last < First;

    /// <summary>True when the port is in the range.</summary>
    public bool Contains(int port) => !IsEmpty && port >= First && port <= Last;

    /// <summary>The form <c>31000-32767</c>; <c>-</c> for the empty range.</summary>
    public override string ToString() => IsEmpty ? "-" : FormattableString.Invariant($"{First}-{Last}");
}
