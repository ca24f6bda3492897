using System.CommandLine;
using System.Globalization;
using MqttScion.Options;

namespace MqttScion.Tools;

/// <summary>Bounds for options that are numbers.</summary>
public static class OptionRange
{
    /// <summary>Refuses numbers outside the range that an option of the library declares.</summary>
    public static void Limit(this Option option, OptionRangeAttribute range) =>
        option.Limit((long)range.Least, (long)range.Most);

    /// <summary>Refuses numbers outside the range when the command line is parsed.</summary>
    public static void Limit(this Option option, long least, long most) => option.Validators.Add(result =>
    {
        // Read from the text: asking for the value would throw when it is no number, which has an error of its own.
        foreach (var token in result.Tokens)
        {
            if (long.TryParse(token.Value, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number)
                && (number < least || number > most))
            {
                result.AddError($"{option.Name}: expected {least} to {most}, found {number}.");
            }
        }
    });
}
