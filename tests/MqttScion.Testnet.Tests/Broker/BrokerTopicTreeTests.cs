using MqttScion.Mqtt;

namespace MqttScion.Testnet.Tests;

public class BrokerTopicTreeTests
{
    private static readonly string[] _levels = ["a", "b", "", "$x", "+"];

    [Fact]
    public void Tree_matches_what_the_rule_matches_while_subscriptions_come_and_go()
    {
        var random = new Random(5);
        var tree = new BrokerTopicTree();
        var session = new BrokerSession("c", new PocketBrokerOptions(), new BrokerCounters());
        var present = new Dictionary<string, BrokerSubscription>();
        for (var i = 0; i < 5000; i++)
        {
            var filter = RandomPath(random, mayBeWildcard: true);
            if (present.Remove(filter, out var former))
            {
                tree.Remove(former);
            }
            else
            {
                present.Add(filter, new BrokerSubscription(session, filter, 0, null));
                tree.Add(present[filter]);
            }
            var topic = RandomPath(random, mayBeWildcard: false);
            var (matches, groups) = Match(tree, topic);
            var expected = present.Keys.Where(f => MqttTopic.Matches(f, topic))
                .Select(f => MqttTopic.IsShared(f) ? f.Split('/')[1] : f);
            string.Join(' ', matches.Concat(groups).Order()).Should().Be(string.Join(' ', expected.Order()), topic);
        }
    }

    [Fact]
    public void Empty_tree_keeps_no_nodes()
    {
        var tree = new BrokerTopicTree();
        var session = new BrokerSession("c", new PocketBrokerOptions(), new BrokerCounters());
        string[] filters = ["a/b/c", "a/+/c/#", "#", "$share/g/a/b", "+", "/"];
        var subscriptions = filters.Select(f => new BrokerSubscription(session, f, 0, null)).ToList();
        subscriptions.ForEach(tree.Add);
        tree.IsEmpty.Should().BeFalse();

        subscriptions.ForEach(tree.Remove);

        tree.IsEmpty.Should().BeTrue();
    }

    private static (IEnumerable<string> Matches, IEnumerable<string> Groups) Match(BrokerTopicTree tree, string topic)
    {
        var (matches, groups) = (new List<BrokerSubscription>(), new List<BrokerShareGroup>());
        tree.Match(topic, matches, groups);
        return (matches.Select(m => m.Filter.Topic), groups.Select(g => g.Name));
    }

    private static string RandomPath(Random random, bool mayBeWildcard)
    {
        var levels = Enumerable.Range(0, random.Next(1, 5))
            .Select(_ => _levels[random.Next(mayBeWildcard ? _levels.Length : _levels.Length - 1)]).ToList();
        if (mayBeWildcard && random.Next(3) == 0)
        {
            levels.Add("#");
        }
        var path = string.Join('/', levels);
        path = path.Length == 0 ? "a" : path;
        return mayBeWildcard && random.Next(4) == 0 ? $"$share/g{random.Next(2)}/{path}" : path;
    }
}
