using System.Xml.Linq;

namespace MqttScion.Tidy.Tests;

/// <summary>Rule 36, and what users who trim or compile ahead rely on: settings that no project may lose.</summary>
public sealed class BuildSettingTests
{
    private static readonly string[] Promises = ["GenerateDocumentationFile", "TreatWarningsAsErrors"];

    [Fact]
    public void Projects_of_src_are_marked_as_compatible_with_ahead_of_time_compilation() =>
        Finding.ExpectNone(
            from file in ProjectFiles()
            where !ValuesOf(file, "IsAotCompatible").SequenceEqual(["true"])
            select new Finding(file.Path, 1, 47, "<IsAotCompatible>true</IsAotCompatible> is missing"));

    [Fact]
    public void Missing_documentation_is_an_error_everywhere_in_src()
    {
        var root = RepositoryTree.Files.Single(f => f.Path == "Directory.Build.props");
        foreach (var promise in Promises)
        {
            ValuesOf(root, promise).Should().Equal(["true"], "{0} is set for all (rule 36)", promise);
        }
        Finding.ExpectNone(
            from file in ProjectFiles().Append(root)
            from name in new[] { "NoWarn", "WarningsNotAsErrors", "DisabledWarnings" }
            from value in ValuesOf(file, name)
            where value.Contains("1591", StringComparison.Ordinal) || value.Contains("IL", StringComparison.Ordinal)
            select new Finding(file.Path, 1, 36, $"{name} silences {value}"));
        Finding.ExpectNone(
            from file in ProjectFiles()
            from promise in Promises
            where ValuesOf(file, promise).Any()
            select new Finding(file.Path, 1, 36, $"{promise} is set for all in Directory.Build.props"));
    }

    [Fact]
    public void What_the_executables_share_is_no_package() =>
        ValuesOf(ProjectFiles().Single(f => f.Name == "MqttScion.Tools"), "IsPackable").Should()
            .BeEmpty("its public types are for the executables only, and nobody else references it");

    private static IEnumerable<SourceFile> ProjectFiles() =>
        RepositoryTree.Files.Where(f => f.HasExtension(".csproj") && f.IsUnder("src"));

    private static IEnumerable<string> ValuesOf(SourceFile file, string name) =>
        XDocument.Parse(file.Text).Descendants().Where(e => e.Name.LocalName == name).Select(e => e.Value);
}
