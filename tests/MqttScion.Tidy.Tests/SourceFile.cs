using System.Text.RegularExpressions;

namespace MqttScion.Tidy.Tests;

/// <summary>One text file, with views of it that hold only its code or only its comments.</summary>
internal sealed class SourceFile
{
    private readonly Lazy<(string Code, string Comments)> _mask;
    private readonly Lazy<CodeOutline> _outline;

    /// <param name="path">Relative to the repository root, with forward slashes.</param>
    /// <param name="text">The whole text; lines end in LF.</param>
    public SourceFile(string path, string text)
    {
        (Path, Text) = (path, text);
        Lines = text.TrimEnd('\n').Split('\n');
        _mask = new(() => CodeMask.Split(text));
        _outline = new(() => CodeOutline.Read(Code));
    }

    public string Path { get; }

    public string Text { get; }

    public string[] Lines { get; }

    /// <summary>The C# text with comments and literals blanked; offsets are those of <see cref="Text"/>.</summary>
    public string Code => _mask.Value.Code;

    /// <summary>The C# comments with all else blanked.</summary>
    public string Comments => _mask.Value.Comments;

    public CodeOutline Outline => _outline.Value;

    /// <summary>The name without folders and `.cs`.</summary>
    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    public bool HasExtension(string extension) => Path.EndsWith(extension, StringComparison.Ordinal);

    /// <summary>Whether the file lies in one of the folders, given as `src/MqttScion.Quic`.</summary>
    public bool IsUnder(params ReadOnlySpan<string> folders)
    {
        foreach (var folder in folders)
        {
            if (Path.StartsWith(folder + "/", StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The 1-based line of an offset.</summary>
    public int LineOf(int offset) => Text.AsSpan(0, offset).Count('\n') + 1;

    /// <summary>A finding for each match of a pattern in one of the views of this file.</summary>
    public IEnumerable<Finding> Matches(Regex pattern, string view, int rule, string text) =>
        from m in pattern.Matches(view)
        let found = m.Value.Trim().ReplaceLineEndings(" ")
        select new Finding(Path, LineOf(m.Index), rule, $"`{found}`: {text}");
}
