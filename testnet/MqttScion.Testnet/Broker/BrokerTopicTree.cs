using MqttScion.Mqtt;

namespace MqttScion.Testnet;

/// <summary>The subscriptions of all clients by topic filter, with a map for each topic level.</summary>
/// <remarks>A filter is at most <see cref="MaximumLevels"/> deep, which bounds memory and recursion.</remarks>
internal sealed class BrokerTopicTree
{
    public const int MaximumLevels = 200;

    private readonly Node _root = new();

    public bool IsEmpty => _root.IsEmpty;

    public static bool IsTooDeep(string filter) => filter.AsSpan().Count('/') >= MaximumLevels;

    /// <summary>Puts a subscription in. One with the same filter of the same client must not be in.</summary>
    public void Add(BrokerSubscription subscription)
    {
        var node = _root;
        foreach (var level in LevelsOf(subscription))
        {
            if (level == "#")
            {
                node.Rest ??= new Leaf();
                node.Rest.Add(subscription);
                return;
            }
            node = node.GetOrAdd(level);
        }
        node.Exact ??= new Leaf();
        node.Exact.Add(subscription);
    }

    /// <summary>Takes a subscription out, and the nodes that nobody needs any more.</summary>
    public void Remove(BrokerSubscription subscription) => Remove(_root, LevelsOf(subscription), subscription);

    /// <summary>Adds all subscriptions and groups that match a topic name to the lists.</summary>
    public void Match(string topic, List<BrokerSubscription> matches, List<BrokerShareGroup> groups) =>
        // [MQTT-4.7.2-1]: A wildcard in front does not match a topic that starts with $.
        Match(_root, topic, mayBeWildcard: topic[0] != '$', matches, groups);

    private static void Match(Node node, ReadOnlySpan<char> rest, bool mayBeWildcard,
        List<BrokerSubscription> matches, List<BrokerShareGroup> groups)
    {
        var slash = rest.IndexOf('/');
        var level = slash < 0 ? rest : rest[..slash];
        if (mayBeWildcard)
        {
            node.Rest?.CopyTo(matches, groups);
        }
        for (var i = 0; i < 2; i++)
        {
            var next = i == 0 ? node.Find(level) : mayBeWildcard ? node.Plus : null;
            if (next is null)
            {
                continue;
            }
            if (slash < 0)
            {
                next.Exact?.CopyTo(matches, groups);
                next.Rest?.CopyTo(matches, groups); // "sport/#" also matches "sport" (§4.7.1.2).
            }
            else
            {
                Match(next, rest[(slash + 1)..], mayBeWildcard: true, matches, groups);
            }
        }
    }

    private static void Remove(Node node, ReadOnlySpan<string> levels, BrokerSubscription subscription)
    {
        if (levels is ["#"])
        {
            node.Rest?.Remove(subscription);
            node.Rest = node.Rest is { IsEmpty: true } ? null : node.Rest;
        }
        else if (levels.IsEmpty)
        {
            node.Exact?.Remove(subscription);
            node.Exact = node.Exact is { IsEmpty: true } ? null : node.Exact;
        }
        else if ((levels[0] == "+" ? node.Plus : node.Find(levels[0])) is { } child)
        {
            Remove(child, levels[1..], subscription);
            node.Prune(levels[0], child);
        }
    }

    private static string[] LevelsOf(BrokerSubscription subscription) =>
        MqttTopic.WithoutShare(subscription.Filter.Topic).ToString().Split('/');

    private sealed class Node
    {
        private Dictionary<string, Node>? _children;

        public Node? Plus { get; private set; }

        /// <summary>The filters that end here.</summary>
        public Leaf? Exact { get; set; }

        /// <summary>The filters that end with # below here.</summary>
        public Leaf? Rest { get; set; }

        public bool IsEmpty => Plus is null && Exact is null && Rest is null && _children is null;

        public Node? Find(ReadOnlySpan<char> level) => _children is not null
            && _children.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(level, out var child) ? child : null;

        public Node GetOrAdd(string level)
        {
            if (level == "+")
            {
                return Plus ??= new Node();
            }
            _children ??= [];
            if (!_children.TryGetValue(level, out var child))
            {
                _children[level] = child = new Node();
            }
            return child;
        }

        public void Prune(string level, Node child)
        {
            if (!child.IsEmpty)
            {
                return;
            }
            if (level == "+")
            {
                Plus = null;
            }
            else if (_children!.Remove(level) && _children.Count == 0)
            {
                _children = null;
            }
        }
    }

    /// <summary>The subscriptions with one filter: those of single clients, and the groups.</summary>
    private sealed class Leaf
    {
        private readonly List<BrokerSubscription> _own = [];
        private readonly List<BrokerShareGroup> _groups = [];

        public bool IsEmpty => _own.Count == 0 && _groups.Count == 0;

        public void Add(BrokerSubscription subscription)
        {
            if (!MqttTopic.IsShared(subscription.Filter.Topic))
            {
                _own.Add(subscription);
                return;
            }
            var name = subscription.Filter.Topic.Split('/', 3)[1];
            var group = _groups.Find(g => g.Name == name);
            if (group is null)
            {
                _groups.Add(group = new BrokerShareGroup(name));
            }
            subscription.Share = group;
            group.Add(subscription);
        }

        public void Remove(BrokerSubscription subscription)
        {
            if (subscription.Share is not { } group)
            {
                _own.Remove(subscription);
                return;
            }
            group.Remove(subscription);
            if (group.IsEmpty)
            {
                _groups.Remove(group);
            }
        }

        public void CopyTo(List<BrokerSubscription> matches, List<BrokerShareGroup> groups)
        {
            matches.AddRange(_own);
            groups.AddRange(_groups);
        }
    }
}
