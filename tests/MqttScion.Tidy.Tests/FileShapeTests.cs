using System.Text.RegularExpressions;

namespace MqttScion.Tidy.Tests;

/// <summary>Rules 6, 8, 9 and 12: sizes, names and layout of C# files.</summary>
public sealed partial class FileShapeTests
{
    private const int MaxFileLines = 500;
    private const int MaxTestFileLines = 700;
    private const int MaxMemberLines = 70;
    private const int MaxColumns = 120;

    private static readonly string[] FilesWithoutMainType = ["Program", "GlobalUsings", "AssemblyInfo"];

    [Fact]
    public void Files_are_short() =>
        Finding.ExpectNone(
            from file in RepositoryTree.CSharp
            let max = file.IsUnder("tests") ? MaxTestFileLines : MaxFileLines
            where file.Lines.Length > max
            select new Finding(file.Path, max + 1, 6, $"{file.Lines.Length} lines; {max} at most"));

    [Fact]
    public void Members_are_short() =>
        Finding.ExpectNone(
            from file in RepositoryTree.CSharp
            from member in file.Outline.Members
            where member.LineCount > MaxMemberLines
            select new Finding(
                file.Path, member.FirstLine, 8, $"{member.Name}: {member.LineCount} lines; {MaxMemberLines} at most"));

    [Fact]
    public void Lines_are_short() =>
        Finding.ExpectNone(
            from file in RepositoryTree.CSharp
            from line in file.Lines.Index()
            where line.Item.Length > MaxColumns
            select new Finding(file.Path, line.Index + 1, 9, $"{line.Item.Length} columns; {MaxColumns} at most"));

    [Fact]
    public void Namespaces_are_file_scoped() =>
        Finding.ExpectNone(
            from file in RepositoryTree.CSharp
            from finding in file.Matches(BlockNamespace(), file.Code, 9, "use a file-scoped namespace")
            select finding);

    [Fact]
    public void Files_are_named_for_their_main_type() =>
        Finding.ExpectNone(RepositoryTree.CSharp.SelectMany(CheckName));

    [Fact]
    public void Type_names_say_what_the_type_is() =>
        Finding.ExpectNone(
            from file in RepositoryTree.CSharp
            from type in file.Outline.Types
            where VagueName().IsMatch(type.Name)
            select new Finding(file.Path, type.Line, 12, $"{type.Name} says nothing: name what it is"));

    private static IEnumerable<Finding> CheckName(SourceFile file)
    {
        var parts = file.Name.Split('.');
        if (FilesWithoutMainType.Contains(parts[0]))
        {
            yield break;
        }

        var main = file.Outline.Types.FirstOrDefault(t => t.IsTopLevel);
        if (main.Name != parts[0])
        {
            yield return new Finding(
                file.Path, Math.Max(main.Line, 1), 6, $"the first type is {main.Name ?? "missing"}, not {parts[0]}");
        }
        else if (parts.Length > 1 && !main.IsPartial)
        {
            yield return new Finding(file.Path, main.Line, 6, $"a file named Type.Verb.cs holds a partial {main.Name}");
        }
    }

    [GeneratedRegex(@"^\s*namespace\s+[\w.]+\s*\{", RegexOptions.Multiline)]
    private static partial Regex BlockNamespace();

    [GeneratedRegex("(Manager|Helpers?|Utils?|Utility|Utilities|Base|Impl|Data|Info)$")]
    private static partial Regex VagueName();
}
