using System.Runtime.InteropServices;

namespace MqttScion;

/// <summary>
/// Topic filters as a tree of levels: finds those that match a topic in time that follows its levels, not their number.
/// </summary>
/// <remarks>Not synchronised; the owner locks.</remarks>
internal sealed class TopicTrie<T>
    where T : class
{
    private readonly Node _root = new();

    /// <summary>Puts a value at a filter, beside what is there.</summary>
    public void Add(string filter, T value)
    {
        var node = _root;
        foreach (var range in filter.AsSpan().Split('/'))
        {
            node = node.GetOrAdd(filter.AsSpan(range));
        }
        node.Values.Add(value);
    }

    /// <summary>Takes a value away from a filter, with the branches that hold nothing else.</summary>
    public void Remove(string filter, T value) => Remove(_root, filter, value);

    /// <summary>Adds the values of all filters that match a topic to a list.</summary>
    public void Match(ReadOnlySpan<char> topic, List<T> matches) =>
        // [MQTT-4.7.2-1]: a wildcard at the first level does not match a topic that begins with '$'.
        Match(_root, topic, isDollarRoot: topic.StartsWith('$'), matches);

    private static void Match(Node node, ReadOnlySpan<char> rest, bool isDollarRoot, List<T> matches)
    {
        var slash = rest.IndexOf('/');
        var level = slash < 0 ? rest : rest[..slash];
        if (!isDollarRoot)
        {
            AddValues(node.Rest, matches);
            Descend(node.AnyLevel, rest, slash, matches);
        }
        Descend(node.FindNamed(level), rest, slash, matches);
    }

    private static void Descend(Node? child, ReadOnlySpan<char> rest, int slash, List<T> matches)
    {
        if (child is null)
        {
            return;
        }
        if (slash >= 0)
        {
            Match(child, rest[(slash + 1)..], isDollarRoot: false, matches);
            return;
        }
        AddValues(child, matches);
        // "a/#" matches "a" as well ([MQTT-4.7.1-2]).
        AddValues(child.Rest, matches);
    }

    private static void AddValues(Node? node, List<T> matches)
    {
        if (node is not null)
        {
            matches.AddRange(node.Values);
        }
    }

    private static void Remove(Node node, ReadOnlySpan<char> rest, T value)
    {
        var slash = rest.IndexOf('/');
        var level = slash < 0 ? rest : rest[..slash];
        if (node.Find(level) is not { } child)
        {
            return;
        }
        if (slash < 0)
        {
            child.Values.Remove(value);
        }
        else
        {
            Remove(child, rest[(slash + 1)..], value);
        }
        if (child.IsEmpty)
        {
            node.RemoveChild(level);
        }
    }

    private sealed class Node
    {
        private Dictionary<string, Node>? _children;

        public List<T> Values { get; } = [];

        /// <summary>The child "+".</summary>
        public Node? AnyLevel { get; private set; }

        /// <summary>The child "#".</summary>
        public Node? Rest { get; private set; }

        public bool IsEmpty =>
            Values.Count == 0 && AnyLevel is null && Rest is null && _children is null or { Count: 0 };

        public Node? Find(ReadOnlySpan<char> level) => level switch
        {
            "+" => AnyLevel,
            "#" => Rest,
            _ => FindNamed(level),
        };

        /// <summary>The child of a level that is no wildcard, as those of a topic are.</summary>
        public Node? FindNamed(ReadOnlySpan<char> level) =>
            _children is not null && Lookup.TryGetValue(level, out var child) ? child : null;

        public Node GetOrAdd(ReadOnlySpan<char> level)
        {
            switch (level)
            {
                case "+":
                    return AnyLevel ??= new Node();
                case "#":
                    return Rest ??= new Node();
            }
            _children ??= new Dictionary<string, Node>(StringComparer.Ordinal);
            ref var child = ref CollectionsMarshal.GetValueRefOrAddDefault(Lookup, level, out _);
            return child ??= new Node();
        }

        public void RemoveChild(ReadOnlySpan<char> level)
        {
            switch (level)
            {
                case "+":
                    AnyLevel = null;
                    break;
                case "#":
                    Rest = null;
                    break;
                default:
                    Lookup.Remove(level);
                    break;
            }
        }

        private Dictionary<string, Node>.AlternateLookup<ReadOnlySpan<char>> Lookup =>
            _children!.GetAlternateLookup<ReadOnlySpan<char>>();
    }
}
