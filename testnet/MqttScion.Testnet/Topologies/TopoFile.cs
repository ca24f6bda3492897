using System.Globalization;
using MqttScion.Scion;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace MqttScion.Testnet;

/// <summary>Reads the YAML in which scionproto describes its test networks (<c>.topo</c>).</summary>
/// <remarks>
/// A link end is <c>IA[-ROUTER][#INTERFACE]</c>: ends with the same router letter share a border router, an end without
/// one has a router of its own; an end without an interface takes the lowest free number. Keys that concern only
/// certificates or other tools are left alone.
/// </remarks>
internal sealed class TopoFile
{
    private const int MaxMtu = ushort.MaxValue;
    private const int MaxDelayMilliseconds = 60_000;
    private const int MaxLinks = 5000;

    private readonly string _name;
    private readonly Dictionary<IsdAs, TopologyAs> _ases = [];
    private readonly Dictionary<IsdAs, HashSet<ushort>> _usedInterfaces = [];

    private TopoFile(string name) => _name = name;

    /// <summary>Reads the text of a file.</summary>
    /// <param name="text">The YAML.</param>
    /// <param name="name">The file, as messages shall name it.</param>
    /// <exception cref="FormatException">The text is no topology; the message names file, line and key, and what was
    /// expected and is there.</exception>
    internal static Topology Parse(string text, string name) => new TopoFile(name).Read(text);

    private Topology Read(string text)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            if (stream.Documents is not [{ RootNode: YamlMappingNode root }, ..])
            {
                throw new FormatException($"{_name}: expected a mapping with ASes and links, got something else.");
            }
            foreach (var (key, value) in Mapping(Required(root, "ASes", "ASes"), "ASes").Children)
            {
                ReadAs(key, value);
            }
            return new Topology(_ases.Values, ReadLinks(Required(root, "links", "links")));
        }
        catch (YamlException e)
        {
            throw new FormatException($"{_name}:{e.Start.Line}: not YAML: {e.Message}", e);
        }
        catch (ArgumentException e)
        {
            throw new FormatException($"{_name}: {e.Message}", e);
        }
    }

    private void ReadAs(YamlNode key, YamlNode value)
    {
        var text = Scalar(key, "ASes");
        if (!IsdAs.TryParse(text, out var isdAs) || isdAs.IsWildcard)
        {
            throw Fault(key, "ASes", "an ISD-AS such as 1-ff00:0:110", text);
        }
        var path = $"ASes.{text}";
        var attributes = value is YamlScalarNode { Value: null or "" } ? new YamlMappingNode() : Mapping(value, path);
        var read = new TopologyAs(
            isdAs,
            Optional(attributes, "core") is { } core && Boolean(core, $"{path}.core"),
            Optional(attributes, "mtu") is { } mtu ? Integer(mtu, $"{path}.mtu", 1, MaxMtu) : TopologyAs.DefaultMtu)
        {
            IsIPv6 = Optional(attributes, "underlay") is { } underlay && IsIPv6(underlay, $"{path}.underlay"),
        };
        if (!_ases.TryAdd(isdAs, read))
        {
            throw Fault(key, "ASes", "each AS once", $"{isdAs} twice");
        }
    }

    private List<TopologyLink> ReadLinks(YamlNode node)
    {
        if (node is YamlScalarNode { Value: null or "" })
        {
            return [];
        }
        var links = node as YamlSequenceNode ?? throw Fault(node, "links", "a list", Describe(node));
        if (links.Children.Count > MaxLinks)
        {
            throw Fault(node, "links", $"at most {MaxLinks} links", $"{links.Children.Count}");
        }
        var ends = links.Children.Select((link, i) => ReadEnds(link, i)).ToList();

        // Numbers that the file gives come first: the others take what is left.
        foreach (var end in ends.SelectMany(pair => new[] { pair.A, pair.B }))
        {
            if (end.InterfaceId is { } id && !Used(end.IsdAs).Add(id))
            {
                throw Fault(end.Node, end.Path, "each interface once", $"{end.IsdAs}#{id} twice");
            }
        }
        return [.. links.Children.Select((link, i) => ReadLink((YamlMappingNode)link, ends[i].A, ends[i].B, i))];
    }

    private (LinkEnd A, LinkEnd B) ReadEnds(YamlNode node, int index)
    {
        var link = Mapping(node, $"links[{index}]");
        return (ReadEnd(link, "a", index), ReadEnd(link, "b", index));
    }

    private LinkEnd ReadEnd(YamlMappingNode link, string key, int index)
    {
        var path = $"links[{index}].{key}";
        var node = Required(link, key, path);
        var text = Scalar(node, path);
        var (place, interfaceText) = Cut(text, text.IndexOf('#', StringComparison.Ordinal));
        var (isdAsText, router) = Cut(place, place.IndexOf('-', place.IndexOf('-', StringComparison.Ordinal) + 1));
        ushort id = 0;
        if (!IsdAs.TryParse(isdAsText, out var isdAs) || router == "" || (interfaceText is not null
            && (!ushort.TryParse(interfaceText, NumberStyles.None, CultureInfo.InvariantCulture, out id) || id == 0)))
        {
            throw Fault(node, path, "an end such as 1-ff00:0:110-A#1", text);
        }
        if (!_ases.ContainsKey(isdAs))
        {
            throw Fault(node, path, "an AS from ASes", isdAs.ToString());
        }
        return new LinkEnd(node, path, isdAs, router, interfaceText is null ? null : id);
    }

    private TopologyLink ReadLink(YamlMappingNode link, LinkEnd a, LinkEnd b, int index)
    {
        var path = $"links[{index}]";
        var typeNode = Required(link, "linkAtoB", $"{path}.linkAtoB");
        var type = Scalar(typeNode, $"{path}.linkAtoB");
        var (endA, endB) = (Place(a), Place(b));
        var (routerA, routerB) = (a.Router ?? $"if{endA.Id}", b.Router ?? $"if{endB.Id}");
        var isUpwards = string.Equals(type, "PARENT", StringComparison.OrdinalIgnoreCase);
        if (isUpwards)
        {
            (endA, endB, routerA, routerB) = (endB, endA, routerB, routerA);
        }
        return new TopologyLink(endA, endB, type.ToUpperInvariant() switch
        {
            "CORE" => TopologyLinkType.Core,
            "CHILD" or "PARENT" => TopologyLinkType.Child,
            "PEER" => TopologyLinkType.Peer,
            _ => throw Fault(typeNode, $"{path}.linkAtoB", "CORE, CHILD, PARENT or PEER", type),
        })
        {
            RouterA = routerA,
            RouterB = routerB,
            Mtu = Optional(link, "mtu") is { } mtu ? Integer(mtu, $"{path}.mtu", 1, MaxMtu) : TopologyAs.DefaultMtu,
            BandwidthKbps = Optional(link, "bw") is { } bw ? Integer(bw, $"{path}.bw", 1, int.MaxValue) : null,
            Delay = Optional(link, "latency") is { } latency
                ? TimeSpan.FromMilliseconds(Integer(latency, $"{path}.latency", 0, MaxDelayMilliseconds))
                : null,
            LossRate = Optional(link, "drop") is { } drop ? Share(drop, $"{path}.drop") : null,
            IsIPv6 = Optional(link, "underlay") is { } underlay && IsIPv6(underlay, $"{path}.underlay"),
        };
    }

    private PathInterface Place(LinkEnd end)
    {
        if (end.InterfaceId is { } given)
        {
            return new PathInterface(end.IsdAs, given);
        }
        var used = Used(end.IsdAs);
        ushort id = 1;
        while (!used.Add(id))
        {
            id++;
        }
        return new PathInterface(end.IsdAs, id);
    }

    private HashSet<ushort> Used(IsdAs isdAs)
    {
        if (!_usedInterfaces.TryGetValue(isdAs, out var used))
        {
            _usedInterfaces[isdAs] = used = [];
        }
        return used;
    }

    private YamlNode Required(YamlMappingNode mapping, string key, string path) =>
        Optional(mapping, key) ?? throw Fault(mapping, path, "a value", "none");

    private static YamlNode? Optional(YamlMappingNode mapping, string key) =>
        mapping.Children.TryGetValue(new YamlScalarNode(key), out var value) ? value : null;

    private YamlMappingNode Mapping(YamlNode node, string path) =>
        node as YamlMappingNode ?? throw Fault(node, path, "a mapping", Describe(node));

    private string Scalar(YamlNode node, string path) =>
        (node as YamlScalarNode)?.Value ?? throw Fault(node, path, "a text", Describe(node));

    private bool Boolean(YamlNode node, string path) => Scalar(node, path).ToUpperInvariant() switch
    {
        "TRUE" => true,
        "FALSE" => false,
        var text => throw Fault(node, path, "true or false", text),
    };

    private int Integer(YamlNode node, string path, int least, int most)
    {
        var text = Scalar(node, path);
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            && value >= least && value <= most
            ? value
            : throw Fault(node, path, string.Create(CultureInfo.InvariantCulture, $"a number {least} to {most}"), text);
    }

    private double Share(YamlNode node, string path)
    {
        var text = Scalar(node, path);
        var isNumber = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value);
        return isNumber && value is >= 0 and <= 1
            ? value
            : throw Fault(node, path, "a number 0.0 to 1.0", text);
    }

    private bool IsIPv6(YamlNode node, string path) => Scalar(node, path).ToUpperInvariant() switch
    {
        "UDP/IPV4" => false,
        "UDP/IPV6" => true,
        var text => throw Fault(node, path, "UDP/IPv4 or UDP/IPv6", text),
    };

    private static (string Before, string? After) Cut(string text, int at) =>
        at < 0 ? (text, null) : (text[..at], text[(at + 1)..]);

    private static string Describe(YamlNode node) => node switch
    {
        YamlMappingNode => "a mapping",
        YamlSequenceNode => "a list",
        YamlScalarNode { Value: { } text } => text,
        _ => "nothing",
    };

    private FormatException Fault(YamlNode node, string path, string expected, string found) => new(
        string.Create(
            CultureInfo.InvariantCulture, $"{_name}:{node.Start.Line}: {path}: expected {expected}, got '{found}'."));

    /// <summary>An end of a link as the file names it.</summary>
    private sealed record LinkEnd(YamlNode Node, string Path, IsdAs IsdAs, string? Router, ushort? InterfaceId);
}
