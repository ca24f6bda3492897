namespace MqttScion.Scion;

/// <summary>One AS on a path with the interfaces by which a packet enters and leaves it.</summary>
/// <param name="IsdAs">The AS.</param>
/// <param name="Ingress">The interface of entry; 0 at the source.</param>
/// <param name="Egress">The interface of exit; 0 at the destination.</param>
public readonly record struct PathHop(IsdAs IsdAs, ushort Ingress, ushort Egress)
{
    /// <summary>The form used by path policies, <c>1-ff00:0:110#2,3</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"{IsdAs}#{Ingress},{Egress}");
}
