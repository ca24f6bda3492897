namespace MqttScion.Tests.Delivery;

public sealed class TopicTrieTests
{
    [Theory]
    [InlineData("a/b/c", "a/b/c", true)]
    [InlineData("a/b/c", "a/b", false)]
    [InlineData("a/b/c", "a/b/c/d", false)]
    [InlineData("a/+/c", "a/b/c", true)]
    [InlineData("a/+/c", "a//c", true)]
    [InlineData("a/+/c", "a/b/d", false)]
    [InlineData("+", "a", true)]
    [InlineData("+", "a/b", false)]
    [InlineData("+/+", "/a", true)]
    [InlineData("/+", "/a", true)]
    [InlineData("+", "/a", false)]
    [InlineData("a/#", "a", true)]
    [InlineData("a/#", "a/b/c", true)]
    [InlineData("a/#", "b", false)]
    [InlineData("#", "a/b", true)]
    [InlineData("#", "$SYS/uptime", false)]
    [InlineData("+/uptime", "$SYS/uptime", false)]
    [InlineData("$SYS/#", "$SYS/uptime", true)]
    [InlineData("$SYS/+", "$SYS/uptime", true)]
    [InlineData("a/+/#", "a/b", true)]
    [InlineData("a/+/#", "a", false)]
    public void Match_filter_against_topic_follows_the_rules_of_MQTT(string filter, string topic, bool matches)
    {
        var trie = new TopicTrie<string>();
        trie.Add(filter, filter);

        MatchesOf(trie, topic).Should().BeEquivalentTo(matches ? [filter] : Array.Empty<string>());
    }

    [Fact]
    public void Match_of_overlapping_filters_gives_each_once()
    {
        var trie = new TopicTrie<string>();
        foreach (var filter in new[] { "a/b", "a/+", "a/#", "#", "+/b", "x" })
        {
            trie.Add(filter, filter);
        }

        MatchesOf(trie, "a/b").Should().BeEquivalentTo("a/b", "a/+", "a/#", "#", "+/b");
    }

    [Fact]
    public void Remove_of_one_filter_leaves_the_others()
    {
        var trie = new TopicTrie<string>();
        trie.Add("a/b", "1");
        trie.Add("a/b/c", "2");
        trie.Add("a", "3");

        trie.Remove("a/b", "1");
        trie.Remove("not/there", "1");

        MatchesOf(trie, "a/b").Should().BeEmpty();
        MatchesOf(trie, "a/b/c").Should().Equal("2");
        MatchesOf(trie, "a").Should().Equal("3");
    }

    [Fact]
    public void Values_at_one_filter_stand_beside_each_other()
    {
        var trie = new TopicTrie<string>();
        trie.Add("a", "plain");
        trie.Add("a", "shared");

        MatchesOf(trie, "a").Should().Equal("plain", "shared");
        trie.Remove("a", "plain");
        MatchesOf(trie, "a").Should().Equal("shared");
    }

    private static List<string> MatchesOf(TopicTrie<string> trie, string topic)
    {
        var matches = new List<string>();
        trie.Match(topic, matches);
        return matches;
    }
}
