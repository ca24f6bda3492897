using System.Text.Json;

namespace MqttScion.Testnet;

/// <summary>Links as the control API writes them and its client reads them.</summary>
internal static class LinkJson
{
    internal static void Write(Utf8JsonWriter writer, LinkStatus link)
    {
        writer.WriteStartObject();
        WriteMembers(writer, link);
        writer.WriteEndObject();
    }

    internal static void WriteMembers(Utf8JsonWriter writer, LinkStatus link)
    {
        writer.WriteString("a", link.A);
        writer.WriteString("b", link.B);
        writer.WriteString("type", NameOf(link.Type));
        writer.WriteNumber("topology_mtu", link.Mtu);
        Write(writer, "from_a", link.FromA);
        Write(writer, "from_b", link.FromB);
    }

    /// <summary>Reads what <see cref="Write(Utf8JsonWriter, LinkStatus)"/> writes.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    internal static LinkStatus Read(JsonElement link)
    {
        try
        {
            return new LinkStatus(
                link.GetProperty("a").GetString() ?? "",
                link.GetProperty("b").GetString() ?? "",
                TypeOf(link.GetProperty("type").GetString()),
                link.GetProperty("topology_mtu").GetInt32(),
                ReadConditions(link.GetProperty("from_a")),
                ReadConditions(link.GetProperty("from_b")));
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException($"not a link: {e.Message}", e);
        }
    }

    internal static string NameOf(TopologyLinkType? type) => type switch
    {
        TopologyLinkType.Core => "core",
        TopologyLinkType.Child => "child",
        TopologyLinkType.Peer => "peer",
        _ => "internal",
    };

    internal static string NameOf(LinkState state) => state switch
    {
        LinkState.Up => "up",
        LinkState.Down => "down",
        _ => "silent",
    };

    internal static LinkState? StateOf(string? text, ref string? error)
    {
        switch (text)
        {
            case "up":
                return LinkState.Up;
            case "down":
                return LinkState.Down;
            case "silent":
                return LinkState.Silent;
            default:
                error ??= $"expected up, down or silent, got '{text}'";
                return null;
        }
    }

    private static TopologyLinkType? TypeOf(string? text) => text switch
    {
        "core" => TopologyLinkType.Core,
        "child" => TopologyLinkType.Child,
        "peer" => TopologyLinkType.Peer,
        "internal" => null,
        _ => throw new FormatException($"type: expected core, child, peer or internal, got '{text}'"),
    };

    private static void Write(Utf8JsonWriter writer, string key, LinkConditions conditions)
    {
        writer.WriteStartObject(key);
        writer.WriteString("state", NameOf(conditions.State));
        writer.WriteNumber("delay_ms", conditions.Delay.TotalMilliseconds);
        writer.WriteNumber("jitter_ms", conditions.Jitter.TotalMilliseconds);
        writer.WriteNumber("loss", conditions.LossRate);
        writer.WriteNumber("duplicate", conditions.DuplicateRate);
        writer.WriteNumber("reorder", conditions.ReorderRate);
        WriteOrNull(writer, "rate_kbps", conditions.RateKbps);
        writer.WriteNumber("queue_bytes", conditions.QueueBytes);
        WriteOrNull(writer, "mtu", conditions.Mtu);
        writer.WriteEndObject();
    }

    private static void WriteOrNull(Utf8JsonWriter writer, string key, int? value)
    {
        if (value is { } number)
            writer.WriteNumber(key, number);
        else
            writer.WriteNull(key);
    }

    // Conditions have the form of a change that sets everything.
    private static LinkConditions ReadConditions(JsonElement json) =>
        LinkChange.TryRead(json, out var change, out var error)
        ? change.ApplyTo(LinkConditions.Perfect)
        : throw new FormatException(error);
}
