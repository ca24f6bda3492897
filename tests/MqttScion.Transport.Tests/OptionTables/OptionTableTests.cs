using MqttScion.Options;

namespace MqttScion.Transport.Tests;

public sealed class OptionTableTests
{
    private static readonly OptionTable Table = OptionTable.Of<PumpOptions>();

    [Fact]
    public void Options_are_those_of_the_type_and_of_its_groups_in_their_order() =>
        Table.Entries.Select(option => (option.Name, option.Key, option.Kind)).Should().Equal(
            ("Strokes", "Strokes", OptionKind.Number),
            ("Load", "Load", OptionKind.Number),
            ("Pause", "Pause", OptionKind.Duration),
            ("Patience", "Patience", OptionKind.Duration),
            ("Mode", "Mode", OptionKind.Choice),
            ("Panel", "Panel", OptionKind.Url),
            ("Wells", "Wells", OptionKind.List),
            ("Sensor", "Sensor", OptionKind.Structured),
            ("Log.Folder", "Log:Folder", OptionKind.Path),
            ("Log.Name", "Log:Name", OptionKind.Text));

    [Fact]
    public void Defaults_that_keep_the_rules_have_no_fault() =>
        Table.FindFaults(Valid()).Should().BeEmpty();

    [Theory]
    [InlineData("Strokes", 0, "Strokes: expected 1 to 60, found 0.")]
    [InlineData("Strokes", 61, "Strokes: expected 1 to 60, found 61.")]
    [InlineData("Load", 0L, "Load: expected 1 or more bytes, found 0.")]
    [InlineData("Mode", 7, "Mode: expected one of Slow, Fast, found 7.")]
    [InlineData("Log.Name", null, "Log.Name: expected a name, found ''.")]
    [InlineData("Log.Folder", "", "Log.Folder: expected the path of a directory, found nothing.")]
    public void Value_against_its_rule_is_told_with_the_option_the_range_and_what_came(
        string name, object? value, string fault)
    {
        var options = Valid();
        Table.Entries.Single(option => option.Name == name).Set(options, value);

        Table.FindFaults(options).Should().Equal(fault);
    }

    [Fact]
    public void Durations_lists_and_addresses_are_checked_and_null_is_none()
    {
        var options = Valid();
        options.Pause = TimeSpan.FromMilliseconds(99);
        options.Patience = null;
        options.Panel = new Uri("ftp://10.0.0.1/");
        options.Wells.Clear();

        Table.FindFaults(options).Should().Equal(
            "Pause: expected 00:00:00.1000000 to 01:00:00, found 00:00:00.0990000.",
            "Panel: expected an absolute http or https URL, found 'ftp://10.0.0.1/'.",
            "Wells: expected 1 to 2 wells, found 0.");
    }

    [Fact]
    public void Copy_has_the_values_of_all_options_and_lists_of_its_own()
    {
        var options = Valid();
        (options.Strokes, options.Patience, options.Sensor, options.Log.Name) = (7, null, new object(), "b");
        var copy = new PumpOptions();

        Table.Copy(options, copy);
        options.Wells.Add("south");
        options.Log.Name = "c";

        copy.Should().BeEquivalentTo(new { Strokes = 7, Patience = (TimeSpan?)null, options.Sensor });
        copy.Log.Name.Should().Be("b");
        copy.Wells.Should().Equal("north");
    }

    private static PumpOptions Valid()
    {
        var options = new PumpOptions();
        options.Wells.Add("north");
        options.Log.Name = "a";
        return options;
    }

    public enum PumpMode
    {
        Slow,
        Fast,
    }

    public sealed class PumpOptions
    {
        [OptionRange(1, 60)]
        public int Strokes { get; set; } = 5;

        [OptionRange(1, Unit = "bytes")]
        public long Load { get; set; } = 5_000_000_000;

        [OptionRange("00:00:00.100", "01:00:00")]
        public TimeSpan Pause { get; set; } = TimeSpan.FromSeconds(1);

        [OptionRange("00:00:01", "01:00:00")]
        public TimeSpan? Patience { get; set; } = TimeSpan.FromSeconds(1);

        public PumpMode Mode { get; set; }

        public Uri? Panel { get; set; }

        [OptionRange(1, 2, Unit = "wells")]
        public IList<string> Wells { get; } = new List<string>();

        public object? Sensor { get; set; }

        [OptionGroup<LogOptions>]
        public LogOptions Log { get; } = new();
    }

    public sealed class LogOptions
    {
        [OptionPath(OptionPathTarget.Directory, "directory")]
        public string? Folder { get; set; }

        [NameForm(IsRequired = true)]
        public string? Name { get; set; }
    }

    private sealed class NameFormAttribute : OptionTextAttribute
    {
        protected override string? FaultOf(string text) =>
            text.Length > 0 ? null : $"expected a name, found '{text}'.";
    }
}
