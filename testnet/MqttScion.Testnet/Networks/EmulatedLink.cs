namespace MqttScion.Testnet;

/// <summary>A link of a running network, between two ASes or between two border routers of one AS.</summary>
/// <remarks>
/// Its ends have names: <c>1-ff00:0:110#2</c> is the interface 2 of that AS; inside an AS, <c>1-ff00:0:110#A~B</c> is
/// the end at router A of the link to router B. Members may be used by any thread.
/// </remarks>
public sealed class EmulatedLink
{
    private readonly LinkShaper _fromA;
    private readonly LinkShaper _fromB;

    internal EmulatedLink(string a, string b, TopologyLinkType? type, int mtu, LinkShaper fromA, LinkShaper fromB)
    {
        (A, B, Type, Mtu, _fromA, _fromB) = (a, b, type, mtu, fromA, fromB);
    }

    /// <summary>One end.</summary>
    public string A { get; }

    /// <summary>The other end.</summary>
    public string B { get; }

    /// <summary>What the link is to the ASes at its ends; null for a link inside an AS.</summary>
    public TopologyLinkType? Type { get; }

    /// <summary>Bytes of the largest SCION packet, as the topology says.</summary>
    public int Mtu { get; }

    /// <summary>What happens to packets that leave by <see cref="A"/>.</summary>
    public LinkConditions FromA => _fromA.Conditions;

    /// <summary>What happens to packets that leave by <see cref="B"/>.</summary>
    public LinkConditions FromB => _fromB.Conditions;

    /// <summary>Replaces the conditions of both directions; packets from then on meet the new ones.</summary>
    /// <param name="change">Makes the new conditions of the present ones; it may be called several times.</param>
    public void Change(Func<LinkConditions, LinkConditions> change) => Change(A, LinkDirections.Both, change);

    /// <summary>Replaces the conditions of some directions; packets from then on meet the new ones.</summary>
    /// <param name="end">The end from which the directions are seen.</param>
    /// <param name="directions">Which directions are meant.</param>
    /// <param name="change">Makes the new conditions of the present ones; it may be called several times.</param>
    /// <exception cref="ArgumentException">The link has no such end.</exception>
    public void Change(string end, LinkDirections directions, Func<LinkConditions, LinkConditions> change)
    {
        if (end != A && end != B)
            throw new ArgumentException($"The link has the ends {A} and {B}, not {end}.", nameof(end));
        var (near, far) = end == A ? (_fromA, _fromB) : (_fromB, _fromA);
        if (directions.HasFlag(LinkDirections.Out))
            near.Change(change);
        if (directions.HasFlag(LinkDirections.In))
            far.Change(change);
    }
}
