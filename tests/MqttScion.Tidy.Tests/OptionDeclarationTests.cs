using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using MqttScion.Options;

namespace MqttScion.Tidy.Tests;

/// <summary>Rule 33: each option of client, transport and proxy is declared, once, where it stands.</summary>
public sealed class OptionDeclarationTests
{
    public static TheoryData<string> Names =>
        [.. DeclaredOptions.All.SelectMany(type => type.Own.Select(option => NameOf(type, option)))];

    [Fact]
    public void Types_of_options_are_in_the_list() =>
        DeclaredOptions.All.Select(o => o.Type).Should().Contain(
            from assembly in DeclaredOptions.All.Select(o => o.Type.Assembly).Distinct()
            from type in assembly.GetExportedTypes()
            where type.Name.EndsWith("Options", StringComparison.Ordinal) && type.GetProperties().Any(IsSettable)
            select type);

    [Fact]
    public void Properties_are_options() =>
        DeclaredOptions.All.SelectMany(o => o.Own).Select(option => option.Property).Should().Contain(
            from options in DeclaredOptions.All
            from property in options.Type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            where property.GetCustomAttribute<OptionGroupAttribute>() is null
            select property);

    [Theory]
    [MemberData(nameof(Names))]
    public void Option_says_which_values_it_takes(string name)
    {
        var (_, option) = Find(name);

        option.Property.PropertyType.Name.Should().NotEndWith("Options", "that needs an [OptionGroup]");
        switch (option.Kind)
        {
            case OptionKind.Number or OptionKind.Duration or OptionKind.List:
                option.Rule.Should().BeOfType<OptionRangeAttribute>();
                break;
            case OptionKind.Text:
                option.Rule.Should().BeAssignableTo<OptionTextAttribute>("text and paths are not the same");
                break;
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Default_is_one_of_the_values_or_missing_where_one_is_required(string name)
    {
        var (options, option) = Find(name);
        var value = option.Get(options.Defaults);
        var isMissing = value is null or "" or ICollection { Count: 0 };
        var isRequired = option.Rule is { IsRequired: true } || option.Kind == OptionKind.List;

        (option.FindFault(value) is not null).Should().Be(isMissing && isRequired);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Summary_tells_the_default_and_the_range(string name)
    {
        var (options, option) = Find(name);

        if (OptionText.PromiseOf(option, options.Defaults) is { } promise)
        {
            OptionText.SummaryOf(option).Should().Contain(promise);
        }
    }

    private static bool IsSettable(PropertyInfo property) => property.SetMethod is { IsPublic: true } set
        && !set.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));

    private static string NameOf(DeclaredOptions type, OptionEntry option) => $"{type.Type.Name}.{option.Name}";

    private static (DeclaredOptions Options, OptionEntry Option) Find(string name) =>
        (from options in DeclaredOptions.All
         from option in options.Own
         where NameOf(options, option) == name
         select (options, option)).Single();
}
