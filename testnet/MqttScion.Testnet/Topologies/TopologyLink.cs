using System.Globalization;
using MqttScion.Scion;

namespace MqttScion.Testnet;

/// <summary>A link between interfaces of two ASes; of a parent and a child, A is the parent.</summary>
/// <param name="A">One end.</param>
/// <param name="B">The other end.</param>
/// <param name="Type">What the link is.</param>
/// <param name="Mtu">Bytes of the largest SCION packet on it.</param>
public sealed record TopologyLink(
    PathInterface A,
    PathInterface B,
    TopologyLinkType Type,
    int Mtu = TopologyAs.DefaultMtu)
{
    /// <summary>The name of the router that most ASes have alone.</summary>
    public const string DefaultRouter = "A";

    /// <summary>The border router at end A; interfaces of one AS with the same name are on the same router.</summary>
    public string RouterA { get; init; } = DefaultRouter;

    /// <summary>The border router at end B.</summary>
    public string RouterB { get; init; } = DefaultRouter;

    /// <summary>How long a packet is on the way, in each direction; null when the topology doesn't tell.</summary>
    public TimeSpan? Delay { get; init; }

    /// <summary>The share of packets that the link loses, 0 to 1; null when the topology doesn't tell.</summary>
    public double? LossRate { get; init; }

    /// <summary>The bandwidth that beacons announce, in kbit/s; null when the topology doesn't tell.</summary>
    /// <remarks>It is announced only: what limits packets is <see cref="LinkConditions.RateKbps"/>.</remarks>
    public int? BandwidthKbps { get; init; }

    /// <summary>True when the routers at its ends talk over IPv6; default false.</summary>
    public bool IsIPv6 { get; init; }

    /// <summary>
    /// Parses <c>1-1#5 core 1-11#6</c>; instead of <c>core</c> also <c>peer</c>, <c>down_to</c> or <c>parent_of</c>,
    /// <c>up_to</c> or <c>child_of</c>, in any case.
    /// </summary>
    /// <exception cref="FormatException">The text has another form; the message says which.</exception>
    public static TopologyLink Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length != 3 || !TryParseEnd(words[0], out var left) || !TryParseEnd(words[2], out var right))
        {
            throw new FormatException($"'{text}' is no link; expected a form like 1-1#5 core 1-11#6.");
        }
        if (left.IsdAs == right.IsdAs)
        {
            throw new FormatException($"'{text}' joins an AS to itself.");
        }
        return words[1].ToUpperInvariant() switch
        {
            "CORE" => new(left, right, TopologyLinkType.Core),
            "PEER" => new(left, right, TopologyLinkType.Peer),
            "DOWN_TO" or "PARENT_OF" => new(left, right, TopologyLinkType.Child),
            "UP_TO" or "CHILD_OF" => new(right, left, TopologyLinkType.Child),
            _ => throw new FormatException(
                $"'{words[1]}' in '{text}' is none of core, peer, down_to, parent_of, up_to, child_of."),
        };
    }

    /// <summary>The form that <see cref="Parse"/> reads.</summary>
    public override string ToString() =>
        $"{A} {(Type == TopologyLinkType.Child ? "down_to" : Type == TopologyLinkType.Core ? "core" : "peer")} {B}";

    private static bool TryParseEnd(string text, out PathInterface end)
    {
        end = default;
        var hash = text.IndexOf('#', StringComparison.Ordinal);
        if (hash < 0
            || !IsdAs.TryParse(text.AsSpan(0, hash), out var isdAs)
            || isdAs.IsWildcard
            || !ushort.TryParse(text.AsSpan(hash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            || id == 0)
        {
            return false;
        }
        end = new PathInterface(isdAs, id);
        return true;
    }
}
