using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace MqttScion.Options;

/// <summary>
/// All options of a type, with those of its groups. An option is declared once, at its property: its type says how it
/// is written, an <see cref="OptionRuleAttribute"/> which values it takes, its initializer the default, its summary
/// what it does. Validation, configuration and docs/options.md read that.
/// </summary>
/// <remarks>Reflection over properties that are named to the trimmer: it is the same in a native program. The checks of
/// <c>System.ComponentModel.DataAnnotations</c> and the binder of Microsoft.Extensions were considered: they show no
/// value that came, take the first fault for all, a bare number for days, and know no directory that paths are relative
/// to.</remarks>
public sealed class OptionTable
{
    /// <summary>What must be kept of a type of options when a program is trimmed.</summary>
    internal const DynamicallyAccessedMemberTypes Needed = DynamicallyAccessedMemberTypes.PublicProperties;

    private OptionTable(IEnumerable<OptionEntry> entries) => Entries = [.. entries];

    /// <summary>The options, in the order of their declaration.</summary>
    public IReadOnlyList<OptionEntry> Entries { get; }

    /// <summary>The table of a type.</summary>
    /// <typeparam name="T">The type of the options.</typeparam>
    public static OptionTable Of<[DynamicallyAccessedMembers(Needed)] T>()
        where T : class => TableOf<T>.Table;

    /// <summary>What is wrong with the values of each option by itself: the option's name, what was expected and what
    /// came.</summary>
    public IEnumerable<string> FindFaults(object options) =>
        from entry in Entries
        let fault = entry.FindFault(entry.Get(options))
        where fault is not null
        select $"{entry.Name}: {fault}";

    /// <summary>Copies the value of each option; the items of lists, not the lists.</summary>
    /// <param name="from">The options.</param>
    /// <param name="to">Options of the same type, whose lists are empty.</param>
    public void Copy(object from, object to)
    {
        foreach (var entry in Entries)
        {
            entry.Copy(from, to);
        }
    }

    private static class TableOf<[DynamicallyAccessedMembers(Needed)] T>
    {
        public static readonly OptionTable Table = new(
            from property in typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance)
            from entry in EntriesOf(property)
            select entry);

        private static IEnumerable<OptionEntry> EntriesOf(PropertyInfo property) =>
            property.GetCustomAttribute<OptionGroupAttribute>() is { } group
                ? group.Table.Entries.Select(entry => entry.Under(property))
                : [new OptionEntry(property)];
    }
}
