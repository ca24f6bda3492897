using MqttScion.Scion;

namespace MqttScion.Testnet;

/// <summary>ASes and the links between them. Immutable and consistent: every link joins two known ASes.</summary>
public sealed class Topology
{
    private readonly Dictionary<IsdAs, TopologyAs> _ases;
    private readonly ILookup<IsdAs, LocalLink> _links;

    /// <summary>Makes a topology.</summary>
    /// <exception cref="ArgumentException">An AS or interface occurs twice, or a link does not fit the ASes it
    /// joins.</exception>
    public Topology(IEnumerable<TopologyAs> ases, IEnumerable<TopologyLink> links)
    {
        Ases = [.. ases];
        Links = [.. links];
        _ases = [];
        foreach (var each in Ases)
        {
            if (!_ases.TryAdd(each.IsdAs, each))
            {
                throw new ArgumentException($"The AS {each.IsdAs} occurs twice.");
            }
        }
        var used = new HashSet<PathInterface>();
        foreach (var link in Links)
        {
            Check(link, used);
        }
        _links = Links
            .SelectMany(link => new[] { new LocalLink(link, link.A, link.B), new LocalLink(link, link.B, link.A) })
            .OrderBy(link => link.Local.Id)
            .ToLookup(link => link.Local.IsdAs);
    }

    /// <summary>
    /// Two ISDs with two core ASes each, and under them the leaf ASes 1-ff00:0:111 (clients) and 2-ff00:0:211
    /// (proxies), joined by paths of which two share no AS in between; below those 1-ff00:0:112 and 2-ff00:0:212, which
    /// peer.
    /// </summary>
    public static Topology Default { get; } = Parse(
        cores: ["1-ff00:0:110", "1-ff00:0:120", "2-ff00:0:210", "2-ff00:0:220"],
        others: ["1-ff00:0:111", "1-ff00:0:112", "2-ff00:0:211", "2-ff00:0:212"],
        links:
        [
            "1-ff00:0:110#1 core 2-ff00:0:210#1",
            "1-ff00:0:120#1 core 2-ff00:0:220#1",
            "1-ff00:0:110#2 core 1-ff00:0:120#2",
            "2-ff00:0:210#2 core 2-ff00:0:220#2",
            "1-ff00:0:110#3 parent_of 1-ff00:0:111#1",
            "1-ff00:0:120#3 parent_of 1-ff00:0:111#2",
            "2-ff00:0:210#3 parent_of 2-ff00:0:211#1",
            "2-ff00:0:220#3 parent_of 2-ff00:0:211#2",
            "1-ff00:0:111#3 parent_of 1-ff00:0:112#1",
            "2-ff00:0:211#3 parent_of 2-ff00:0:212#1",
            "1-ff00:0:112#2 peer 2-ff00:0:212#2",
        ]);

    /// <summary>One ISD: a core AS and two leaf ASes below it.</summary>
    public static Topology Tiny { get; } = Parse(
        cores: ["1-ff00:0:110"],
        others: ["1-ff00:0:111", "1-ff00:0:112"],
        links: ["1-ff00:0:110#1 parent_of 1-ff00:0:111#1", "1-ff00:0:110#2 parent_of 1-ff00:0:112#1"]);

    /// <summary>
    /// Two ISDs whose core ASes have two border routers each, joined by a link of the second ones; a leaf AS below each
    /// first one. Every path crosses both core ASes inside.
    /// </summary>
    public static Topology Siblings { get; } = new(
        [
            new(IsdAs.Parse("1-ff00:0:110"), IsCore: true),
            new(IsdAs.Parse("1-ff00:0:111"), IsCore: false),
            new(IsdAs.Parse("2-ff00:0:210"), IsCore: true),
            new(IsdAs.Parse("2-ff00:0:211"), IsCore: false),
        ],
        [
            TopologyLink.Parse("1-ff00:0:110#1 parent_of 1-ff00:0:111#1"),
            TopologyLink.Parse("1-ff00:0:110#2 core 2-ff00:0:210#2") with { RouterA = "B", RouterB = "B" },
            TopologyLink.Parse("2-ff00:0:210#1 parent_of 2-ff00:0:211#1"),
        ]);

    /// <summary>The topologies that <see cref="Load"/> knows by name.</summary>
    public static IReadOnlyDictionary<string, Topology> WellKnown { get; } = new Dictionary<string, Topology>
    {
        ["default"] = Default,
        ["tiny"] = Tiny,
        ["siblings"] = Siblings,
    };

    /// <summary>The ASes in the order given.</summary>
    public IReadOnlyList<TopologyAs> Ases { get; }

    /// <summary>The links in the order given.</summary>
    public IReadOnlyList<TopologyLink> Links { get; }

    /// <summary>
    /// Makes a topology from text: ISD-ASes, and links as <see cref="TopologyLink.Parse"/> reads them.
    /// </summary>
    /// <exception cref="FormatException">A text has another form.</exception>
    /// <exception cref="ArgumentException">The parts do not fit together.</exception>
    public static Topology Parse(IEnumerable<string> cores, IEnumerable<string> others, IEnumerable<string> links) =>
        new(
            [
                .. cores.Select(text => new TopologyAs(IsdAs.Parse(text), IsCore: true)),
                .. others.Select(text => new TopologyAs(IsdAs.Parse(text), IsCore: false)),
            ],
            links.Select(TopologyLink.Parse));

    /// <summary>
    /// Reads a topology: a file in pocketscion's form (<c>.json</c>) or scionproto's (<c>.topo</c>, <c>.yml</c>,
    /// <c>.yaml</c>), or one of the <see cref="WellKnown"/> by its name.
    /// </summary>
    /// <exception cref="FormatException">The file is no topology; the message names the file, the place, what was
    /// expected and what is there.</exception>
    /// <exception cref="IOException">The file can't be read.</exception>
    public static Topology Load(string pathOrName) => TopologyFile.Load(pathOrName).Topology;

    /// <summary>Finds an AS.</summary>
    /// <exception cref="KeyNotFoundException">The topology has no such AS.</exception>
    public TopologyAs As(IsdAs isdAs) =>
        _ases.TryGetValue(isdAs, out var found)
            ? found
            : throw new KeyNotFoundException($"The topology has no AS {isdAs}.");

    /// <summary>True when the topology has the AS.</summary>
    public bool Contains(IsdAs isdAs) => _ases.ContainsKey(isdAs);

    /// <summary>The links of an AS, by interface number.</summary>
    internal IEnumerable<LocalLink> LinksOf(IsdAs isdAs) => _links[isdAs];

    private void Check(TopologyLink link, HashSet<PathInterface> used)
    {
        if (link.A.IsdAs == link.B.IsdAs)
        {
            throw new ArgumentException($"The link '{link}' joins an AS to itself.");
        }
        foreach (var end in new[] { link.A, link.B })
        {
            if (!_ases.TryGetValue(end.IsdAs, out var owner))
            {
                throw new ArgumentException($"The link '{link}' names {end.IsdAs}, which is not in the topology.");
            }
            if (!used.Add(end))
            {
                throw new ArgumentException($"Two links use the interface {end}.");
            }
            if (link.Type == TopologyLinkType.Core && !owner.IsCore)
            {
                throw new ArgumentException($"The link '{link}' is a core link, but {end.IsdAs} is no core AS.");
            }
        }
        if (link.Type == TopologyLinkType.Child && _ases[link.B.IsdAs].IsCore)
        {
            throw new ArgumentException($"The link '{link}' makes the core AS {link.B.IsdAs} a child.");
        }
    }
}

/// <summary>A link as one of its ASes sees it.</summary>
/// <param name="Link">The link.</param>
/// <param name="Local">The own end.</param>
/// <param name="Remote">The far end.</param>
internal sealed record LocalLink(TopologyLink Link, PathInterface Local, PathInterface Remote)
{
    /// <summary>The border router of the AS that has the own end.</summary>
    public string Router => Link.A == Local ? Link.RouterA : Link.RouterB;

    /// <summary>True when the AS at the far end is a child.</summary>
    public bool IsToChild => Link.Type == TopologyLinkType.Child && Link.A == Local;
}
