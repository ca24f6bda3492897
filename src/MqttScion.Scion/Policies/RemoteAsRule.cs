namespace MqttScion.Scion;

/// <summary>One rule of <see cref="RemoteAsPolicy"/>.</summary>
/// <param name="IsdAs">The AS; a part that is 0 matches all.</param>
/// <param name="IsRejecting">True when a path to such an AS is denied.</param>
internal readonly record struct RemoteAsRule(IsdAs IsdAs, bool IsRejecting)
{
    public bool Matches(IsdAs isdAs) =>
        (IsdAs.Isd == 0 || IsdAs.Isd == isdAs.Isd) && (IsdAs.As == 0 || IsdAs.As == isdAs.As);
}
