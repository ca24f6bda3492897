using System.Collections;
using System.Globalization;

namespace MqttScion.Options;

/// <summary>The least and the most that an option takes: of a number, a duration, or the count of a list.</summary>
public sealed class OptionRangeAttribute : OptionRuleAttribute
{
    /// <summary>The range of a number, or of the count of a list.</summary>
    /// <param name="least">The least.</param>
    /// <param name="most">The most; absent for no bound.</param>
    public OptionRangeAttribute(long least, long most = long.MaxValue) =>
        (Least, Most, IsBounded) = (least, most, most != long.MaxValue);

    /// <summary>The range of a duration.</summary>
    /// <param name="least">The least, such as <c>00:00:01</c>.</param>
    /// <param name="most">The most, such as <c>1.00:00:00</c>; null for no bound.</param>
    public OptionRangeAttribute(string least, string? most = null) => (Least, Most, IsBounded) =
        (Duration(least), most is null ? TimeSpan.MaxValue : Duration(most), most is not null);

    /// <summary>The least: a <see cref="long"/> or a <see cref="TimeSpan"/>.</summary>
    public IComparable Least { get; }

    /// <summary>The most, of the same type.</summary>
    public IComparable Most { get; }

    /// <summary>True when <see cref="Most"/> was given.</summary>
    public bool IsBounded { get; }

    /// <summary>What is counted, such as <c>bytes</c>; null where the option's name says so.</summary>
    public string? Unit { get; set; }

    /// <inheritdoc/>
    public override string? FindFault(object? value)
    {
        var found = value switch
        {
            TimeSpan duration => duration,
            ICollection list => (long)list.Count,
            _ => (IComparable)Convert.ToInt64(value, CultureInfo.InvariantCulture),
        };
        if (Least.CompareTo(found) <= 0 && Most.CompareTo(found) >= 0)
        {
            return null;
        }
        var range = IsBounded ? $"{Least} to {Most}" : $"{Least} or more";
        return $"expected {range}{(Unit is null ? "" : " " + Unit)}, found {found}.";
    }

    private static TimeSpan Duration(string text) => TimeSpan.ParseExact(text, "c", CultureInfo.InvariantCulture);
}
