using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;

namespace MqttScion.Testnet;

/// <summary>A change of a link's conditions, as it goes over HTTP: what is null stays as it is.</summary>
/// <remarks>Ranges are those of <see cref="LinkConditions"/>.</remarks>
public sealed record LinkChange
{
    private const string Keys =
        "direction, state, delay_ms, jitter_ms, loss, duplicate, reorder, rate_kbps, queue_bytes, mtu";

    /// <summary>Which directions are meant, seen from the end that the request names; default both.</summary>
    public LinkDirections Directions { get; init; } = LinkDirections.Both;

    /// <summary>The new <see cref="LinkConditions.State"/>.</summary>
    public LinkState? State { get; init; }

    /// <summary>The new <see cref="LinkConditions.Delay"/>.</summary>
    public TimeSpan? Delay { get; init; }

    /// <summary>The new <see cref="LinkConditions.Jitter"/>.</summary>
    public TimeSpan? Jitter { get; init; }

    /// <summary>The new <see cref="LinkConditions.LossRate"/>.</summary>
    public double? LossRate { get; init; }

    /// <summary>The new <see cref="LinkConditions.DuplicateRate"/>.</summary>
    public double? DuplicateRate { get; init; }

    /// <summary>The new <see cref="LinkConditions.ReorderRate"/>.</summary>
    public double? ReorderRate { get; init; }

    /// <summary>The new <see cref="LinkConditions.RateKbps"/>; 0 takes the limit away.</summary>
    public int? RateKbps { get; init; }

    /// <summary>The new <see cref="LinkConditions.QueueBytes"/>.</summary>
    public int? QueueBytes { get; init; }

    /// <summary>The new <see cref="LinkConditions.Mtu"/>; 0 brings that of the topology back.</summary>
    public int? Mtu { get; init; }

    /// <summary>The conditions that the change makes of others.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public LinkConditions ApplyTo(LinkConditions before)
    {
        ArgumentNullException.ThrowIfNull(before);
        return before with
        {
            State = State ?? before.State,
            Delay = Delay ?? before.Delay,
            Jitter = Jitter ?? before.Jitter,
            LossRate = LossRate ?? before.LossRate,
            DuplicateRate = DuplicateRate ?? before.DuplicateRate,
            ReorderRate = ReorderRate ?? before.ReorderRate,
            RateKbps = RateKbps is 0 ? null : RateKbps ?? before.RateKbps,
            QueueBytes = QueueBytes ?? before.QueueBytes,
            Mtu = Mtu is 0 ? null : Mtu ?? before.Mtu,
        };
    }

    /// <summary>Reads a change and checks every value.</summary>
    /// <param name="json">What came.</param>
    /// <param name="change">The change.</param>
    /// <param name="error">The key that is wrong, what was expected and what came; null on success.</param>
    internal static bool TryRead(JsonElement json, out LinkChange change, [NotNullWhen(false)] out string? error)
    {
        change = new LinkChange();
        error = json.ValueKind == JsonValueKind.Object ? null : $"expected an object, got {json.ValueKind}";
        if (error is not null)
            return false;
        foreach (var property in json.EnumerateObject())
        {
            error = change.Read(property.Name, property.Value, out change);
            if (error is not null)
            {
                error = $"{property.Name}: {error}";
                return false;
            }
        }
        return true;
    }

    internal void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("direction", Directions switch
        {
            LinkDirections.Out => "out",
            LinkDirections.In => "in",
            _ => "both",
        });
        if (State is { } state)
            writer.WriteString("state", LinkJson.NameOf(state));
        WriteNumber(writer, "delay_ms", Delay?.TotalMilliseconds);
        WriteNumber(writer, "jitter_ms", Jitter?.TotalMilliseconds);
        WriteNumber(writer, "loss", LossRate);
        WriteNumber(writer, "duplicate", DuplicateRate);
        WriteNumber(writer, "reorder", ReorderRate);
        WriteNumber(writer, "rate_kbps", RateKbps);
        WriteNumber(writer, "queue_bytes", QueueBytes);
        WriteNumber(writer, "mtu", Mtu);
        writer.WriteEndObject();
    }

    private static void WriteNumber(Utf8JsonWriter writer, string key, double? value)
    {
        if (value is { } number)
            writer.WriteNumber(key, number);
    }

    private string? Read(string key, JsonElement value, out LinkChange change)
    {
        change = this;
        string? error = null;
        change = key switch
        {
            "direction" => this with { Directions = Direction(value, ref error) },
            "state" => this with { State = LinkJson.StateOf(Text(value, ref error), ref error) },
            "delay_ms" => this with { Delay = Time(value, ref error) },
            "jitter_ms" => this with { Jitter = Time(value, ref error) },
            "loss" => this with { LossRate = Number(value, ref error) },
            "duplicate" => this with { DuplicateRate = Number(value, ref error) },
            "reorder" => this with { ReorderRate = Number(value, ref error) },
            "rate_kbps" => this with { RateKbps = Count(value, ref error) },
            "queue_bytes" => this with { QueueBytes = Count(value, ref error) },
            "mtu" => this with { Mtu = Count(value, ref error) },
            _ => this with { Directions = Unknown(ref error) },
        };
        return error ?? change.CheckRanges();
    }

    private string? CheckRanges()
    {
        try
        {
            ApplyTo(LinkConditions.Perfect);
            return null;
        }
        catch (ArgumentOutOfRangeException e)
        {
            return e.Message.Split(" (Parameter", count: 2)[0];
        }
    }

    private static LinkDirections Unknown(ref string? error)
    {
        error = $"unknown; expected one of {Keys}";
        return LinkDirections.Both;
    }

    private static LinkDirections Direction(JsonElement value, ref string? error)
    {
        var text = Text(value, ref error);
        error ??= text is "both" or "out" or "in" ? null : $"expected both, out or in, got '{text}'";
        return text switch
        {
            "out" => LinkDirections.Out,
            "in" => LinkDirections.In,
            _ => LinkDirections.Both,
        };
    }

    private static string? Text(JsonElement value, ref string? error)
    {
        if (value.ValueKind == JsonValueKind.String)
            return value.GetString();
        error = $"expected a text, got {value.GetRawText()}";
        return null;
    }

    private static double? Number(JsonElement value, ref string? error)
    {
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number))
            return number;
        error = $"expected a number, got {value.GetRawText()}";
        return null;
    }

    private static TimeSpan? Time(JsonElement value, ref string? error)
    {
        if (Number(value, ref error) is not { } milliseconds)
            return null;
        var most = LinkConditions.MaxDelay.TotalMilliseconds;
        if (milliseconds >= 0 && milliseconds <= most)
            return TimeSpan.FromMilliseconds(milliseconds);
        error = string.Create(CultureInfo.InvariantCulture, $"expected 0 to {most}, got {milliseconds}");
        return null;
    }

    // Null stands for no limit, as in answers.
    private static int? Count(JsonElement value, ref string? error)
    {
        if (value.ValueKind == JsonValueKind.Null)
            return 0;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var count))
            return count;
        error = $"expected a whole number, got {value.GetRawText()}";
        return null;
    }
}
