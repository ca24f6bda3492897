using System.Globalization;

namespace MqttScion.Scion.Tests;

/// <summary>Paths for policies.</summary>
internal static class PolicyPaths
{
    /// <summary>Reads what <see cref="ScionPath.ToString"/> prints; one AS alone makes a path inside it.</summary>
    public static ScionPath Of(string text, int mtu = 1400)
    {
        var words = text.Split(' ');
        var interfaces = new List<PathInterface>();
        for (var i = 1; i < words.Length; i += 2)
        {
            var link = words[i].Split('>');
            interfaces.Add(new(IsdAs.Parse(words[i - 1]), ushort.Parse(link[0], CultureInfo.InvariantCulture)));
            interfaces.Add(new(IsdAs.Parse(words[i + 1]), ushort.Parse(link[1], CultureInfo.InvariantCulture)));
        }
        return interfaces.Count == 0
            ? ScionPath.SameAs(IsdAs.Parse(text), mtu, default)
            : new ScionPath(default, interfaces, mtu, default, nextHop: null);
    }

    /// <summary>True when the policy allows the path; checks that it explains the same.</summary>
    public static bool Allows(this IPathPolicy policy, ScionPath path)
    {
        var isAllowed = policy.Apply([path]).Count > 0;
        var (isAllowedAsExplained, why) = policy.Explain(path);
        isAllowedAsExplained.Should().Be(isAllowed, why);
        why.Should().NotBeNullOrEmpty().And.NotMatchRegex(@"\p{C}");
        return isAllowed;
    }
}
