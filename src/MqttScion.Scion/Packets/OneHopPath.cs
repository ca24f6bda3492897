namespace MqttScion.Scion;

/// <summary>A path of one hop between neighbours: one info field and two hop fields, without a meta header.</summary>
/// <param name="Info">The info field.</param>
/// <param name="FirstHop">The hop field of the AS that sends.</param>
/// <param name="SecondHop">The hop field that the neighbour's router fills in; zero before.</param>
public readonly record struct OneHopPath(InfoField Info, HopField FirstHop, HopField SecondHop)
{
    /// <summary>The length in bytes.</summary>
    public const int Length = InfoField.Length + 2 * HopField.Length;

    internal const int FirstHopOffset = InfoField.Length;
    internal const int SecondHopOffset = InfoField.Length + HopField.Length;

    /// <summary>Reads the path from its 32 bytes.</summary>
    public static OneHopPath Read(ReadOnlySpan<byte> path) => new(
        InfoField.Read(path), HopField.Read(path[FirstHopOffset..]), HopField.Read(path[SecondHopOffset..]));

    /// <summary>Writes the 32 bytes of the path.</summary>
    public void Write(Span<byte> path)
    {
        Info.Write(path);
        FirstHop.Write(path[FirstHopOffset..]);
        SecondHop.Write(path[SecondHopOffset..]);
    }
}
