using System.Globalization;
using MqttScion.Testnet;

namespace MqttScion.Cli;

/// <summary>Links of a test network, for people and for programs.</summary>
internal static class LinkText
{
    /// <summary>The word for a state, as the command line and the control API have it.</summary>
    public static string NameOf(LinkState state) => state switch
    {
        LinkState.Up => "up",
        LinkState.Down => "down",
        _ => "silent",
    };

    /// <summary>A line: ends, kind, MTU, and what happens to packets; both directions when they differ.</summary>
    public static string Line(LinkStatus link)
    {
        var kind = KindOf(link);
        var conditions = link.FromA == link.FromB
            ? Conditions(link.FromA)
            : $"{Conditions(link.FromA)}; back: {Conditions(link.FromB)}";
        return TerminalText.Escape(string.Create(
            CultureInfo.InvariantCulture, $"{link.A,-18} {link.B,-18} {kind,-8} mtu {link.Mtu}  {conditions}"));
    }

    private static string KindOf(LinkStatus link) => link.Type switch
    {
        TopologyLinkType.Core => "core",
        TopologyLinkType.Child => "child",
        TopologyLinkType.Peer => "peer",
        _ => "internal",
    };

    private static string Conditions(LinkConditions conditions)
    {
        List<string> words = [NameOf(conditions.State)];
        if (conditions.Delay > TimeSpan.Zero)
            words.Add($"delay {DurationText.Of(conditions.Delay)}");
        if (conditions.Jitter > TimeSpan.Zero)
            words.Add($"jitter {DurationText.Of(conditions.Jitter)}");
        AddShare("loss", conditions.LossRate);
        AddShare("duplicate", conditions.DuplicateRate);
        AddShare("reorder", conditions.ReorderRate);
        if (conditions.RateKbps is { } rate)
            words.Add(string.Create(CultureInfo.InvariantCulture, $"rate {rate} kbit/s"));
        if (conditions.Mtu is { } mtu)
            words.Add(string.Create(CultureInfo.InvariantCulture, $"mtu {mtu}"));
        return string.Join(", ", words);

        void AddShare(string name, double share)
        {
            if (share > 0)
                words.Add(string.Create(CultureInfo.InvariantCulture, $"{name} {share * 100:0.###}%"));
        }
    }
}
