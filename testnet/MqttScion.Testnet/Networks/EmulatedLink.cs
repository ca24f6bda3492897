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

    /// <summary>Replaces the conditions; packets from then on meet the new ones.</summary>
    /// <param name="change">Makes the new conditions of the present ones; it may be called several times.</param>
    /// <param name="directions">Which directions are meant.</param>
    public void Change(
        Func<LinkConditions, LinkConditions> change, LinkDirections directions = LinkDirections.Both)
    {
        if (directions.HasFlag(LinkDirections.FromA))
            _fromA.Change(change);
        if (directions.HasFlag(LinkDirections.FromB))
            _fromB.Change(change);
    }
}
