using MqttScion.Mqtt;

namespace MqttScion.Cli;

/// <summary>Topic filters that are part of others: a subscription to them brings nothing new.</summary>
internal static class FilterCover
{
    /// <summary>The filters without those that are equal to another, or part of it; in their order.</summary>
    public static IReadOnlyList<string> Reduce(IEnumerable<string> filters)
    {
        var all = filters.Distinct(StringComparer.Ordinal).ToList();
        var left = new List<string>();
        foreach (var (index, filter) in all.Index())
        {
            // Of two that cover each other, such as # and +/#, the first stays.
            var isPart = all.Index().Any(other => other.Index != index
                && Covers(other.Item, filter)
                && (other.Index < index || !Covers(filter, other.Item)));
            if (!isPart)
                left.Add(filter);
        }
        return left;
    }

    private static bool Covers(string wide, string narrow)
    {
        // Shared ones are divided among their group: none stands for another.
        if (MqttTopic.IsShared(wide) || MqttTopic.IsShared(narrow) || !MqttTopic.Matches(wide, narrow))
            return false;
        if (!narrow.EndsWith('#'))
            return true;
        // "a/#" is also its parent level "a", and all below (MQTT 5 §4.7.1.2).
        return wide.EndsWith('#') && (narrow == "#" || MqttTopic.Matches(wide, narrow.AsSpan(0, narrow.Length - 2)));
    }
}
