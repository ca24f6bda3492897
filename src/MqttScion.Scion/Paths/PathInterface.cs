namespace MqttScion.Scion;

/// <summary>One interface of one AS on a path.</summary>
/// <param name="IsdAs">The AS that owns the interface.</param>
/// <param name="Id">The interface number, unique in its AS, never 0.</param>
public readonly record struct PathInterface(IsdAs IsdAs, ushort Id)
{
    /// <summary>The usual text form, <c>1-ff00:0:110#4</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"{IsdAs}#{Id}");
}
