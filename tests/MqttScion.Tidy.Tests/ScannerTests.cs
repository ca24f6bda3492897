namespace MqttScion.Tidy.Tests;

/// <summary>The scanner that the other tests stand on.</summary>
public sealed class ScannerTests
{
    private const string Sample = """"
        using System;
        namespace A.B;

        #region It's a directive
        /// <summary>A class Fake { in a comment.</summary>
        [Obsolete("struct X {")]
        public sealed partial class Real<T>(int a = 3) : Root where T : class
        {
            private const string Raw = $$"""a "quoted" { class {{Now + "}"}} """;
            private static readonly int[] Table = [1, 2];
            public int Value { get; set; } = Make(() => { return 1; });
            [Fact]
            public (int, char) Long(string s = "{", char c = '}')
            {
                // comment }
                return (s.Length, '\'');
            }

            public static bool operator ==(Real<T> x, Real<T> y) { return true; }
            public string Arrow<TKey>() where TKey : class => $"{Value:0.#} {{ {(Value > 0 ? "}" : "")}" switch
            {
                _ => "",
            };
            private enum Kind { A = 1, B }
        }

        internal readonly record struct Pair(int Left, int Right);
        """";

    [Fact]
    public void Mask_text_with_comments_and_literals_keeps_only_code()
    {
        var (code, comments) = CodeMask.Split(
            """a("x{//"); // it's }""" + "\nb('\"', $\"{c}}}\"); /* d */ e(@\"\\\");");
        code.Replace(" ", "", StringComparison.Ordinal).Should().Be("a();\nb(,c);e();");
        comments.Should().Contain("// it's }").And.Contain("/* d */").And.NotContain("x");
    }

    [Fact]
    public void Mask_any_text_keeps_every_offset()
    {
        var (code, comments) = CodeMask.Split(Sample);
        code.Should().HaveLength(Sample.Length);
        comments.Should().HaveLength(Sample.Length);
        code.Should().Contain("Now").And.NotContain("Fake").And.NotContain("struct X");
    }

    [Fact]
    public void Outline_every_file_ends_at_its_end() =>
        RepositoryTree.CSharp.Where(f => !f.Outline.IsWhole).Select(f => f.Path).Should().BeEmpty();

    [Fact]
    public void Outline_class_with_hard_literals_has_its_types()
    {
        var types = CodeOutline.Read(CodeMask.Split(Sample).Code).Types;
        types.Should().Equal(
            new CodeOutline.TypeEntry("Real", 7, IsTopLevel: true, IsPartial: true),
            new CodeOutline.TypeEntry("Kind", 24, IsTopLevel: false, IsPartial: false),
            new CodeOutline.TypeEntry("Pair", 27, IsTopLevel: true, IsPartial: false));
    }

    [Fact]
    public void Outline_class_with_hard_literals_has_its_members()
    {
        var members = CodeOutline.Read(CodeMask.Split(Sample).Code).Members;
        members.Where(m => m.FirstLine > 7).Should().Equal(
            new CodeOutline.MemberEntry("Value", 11, 11),
            new CodeOutline.MemberEntry("Long", 13, 17),
            new CodeOutline.MemberEntry("operator", 19, 19),
            new CodeOutline.MemberEntry("Arrow", 20, 23));
    }
}
