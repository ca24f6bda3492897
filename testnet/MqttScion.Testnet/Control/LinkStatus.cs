using System.Text.Json;

namespace MqttScion.Testnet;

/// <summary>A link of a running network, as the control API tells.</summary>
/// <param name="A">One end, such as <c>1-ff00:0:110#2</c>.</param>
/// <param name="B">The other end.</param>
/// <param name="Type">What the link is to the ASes at its ends; null for a link inside an AS.</param>
/// <param name="Mtu">Bytes of the largest SCION packet, as the topology says.</param>
/// <param name="FromA">What happens to packets that leave by <paramref name="A"/>.</param>
/// <param name="FromB">What happens to packets that leave by <paramref name="B"/>.</param>
public sealed record LinkStatus(
    string A, string B, TopologyLinkType? Type, int Mtu, LinkConditions FromA, LinkConditions FromB)
{
    /// <summary>Writes the members of the object that the control API gives; the caller begins and ends it.</summary>
    public void WriteMembersTo(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        LinkJson.WriteMembers(writer, this);
    }

    internal static LinkStatus Of(EmulatedLink link) =>
        new(link.A, link.B, link.Type, link.Mtu, link.FromA, link.FromB);
}
