using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace MqttScion.Tools;

/// <summary>Options that are durations, such as <c>500ms</c>, <c>1.5s</c>, <c>2m</c>, <c>6h</c>; a bare number is
/// seconds.</summary>
public static class DurationOption
{
    private static readonly (string Unit, double Seconds)[] Units = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600)];

    /// <summary>Makes an option without a default.</summary>
    /// <param name="name">With the dashes.</param>
    /// <param name="description">What it is for.</param>
    /// <param name="least">The shortest duration taken.</param>
    /// <param name="most">The longest duration taken.</param>
    public static Option<TimeSpan?> Create(string name, string description, TimeSpan least, TimeSpan most) => new(name)
    {
        Description = description,
        HelpName = "duration",
        CustomParser = result => Read(result, name, least, most),
    };

    /// <summary>Makes an option with a default.</summary>
    public static Option<TimeSpan> Create(
        string name, string description, TimeSpan least, TimeSpan most, TimeSpan defaultValue) => new(name)
        {
            Description = $"{description} Default: {DurationText.Of(defaultValue)}.",
            HelpName = "duration",
            CustomParser = result => Read(result, name, least, most) ?? defaultValue,
            DefaultValueFactory = _ => defaultValue,
        };

    /// <summary>Reads a duration, zero or more.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        var number = text.TrimEnd([.. "msh"]);
        var unit = text[number.Length..];
        var factor = unit.Length == 0 ? 1 : Array.Find(Units, each => each.Unit == unit).Seconds;
        if (factor == 0
            || !double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
            || !(value * factor <= TimeSpan.FromDays(365).TotalSeconds))
        {
            return false;
        }
        duration = TimeSpan.FromSeconds(value * factor);
        return true;
    }

    /// <summary>The duration that a command line gives for an option; null when it gives none, or none that is right.
    /// </summary>
    public static TimeSpan? GivenIn(CommandResult command, Option option) =>
        command.GetResult(option) is { Tokens: [.., var token] } && TryParse(token.Value, out var duration)
            ? duration
            : null;

    private static TimeSpan? Read(ArgumentResult result, string name, TimeSpan least, TimeSpan most)
    {
        var text = result.Tokens.Count > 0 ? result.Tokens[^1].Value : "";
        if (!TryParse(text, out var duration))
        {
            result.AddError($"{name}: expected a duration like 500ms, 1.5s, 2m or 6h, found '{text}'.");
            return null;
        }
        if (duration < least || duration > most)
        {
            var range = $"{DurationText.Of(least)} to {DurationText.Of(most)}";
            result.AddError($"{name}: expected {range}, found {DurationText.Of(duration)}.");
            return null;
        }
        return duration;
    }
}
