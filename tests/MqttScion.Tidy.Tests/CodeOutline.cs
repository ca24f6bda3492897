using System.Text.RegularExpressions;

namespace MqttScion.Tidy.Tests;

/// <summary>The types and members of one C# file, found by counting brackets in masked code.</summary>
/// <remarks>Attributes and comments in front of a member are not counted; fields are no members.</remarks>
internal sealed partial class CodeOutline
{
    private const StringSplitOptions WordsOnly = StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;

    private readonly string _code;
    private readonly List<TypeEntry> _types = [];
    private readonly List<MemberEntry> _members = [];
    private int _at;

    private CodeOutline(string code) => _code = code;

    public IReadOnlyList<TypeEntry> Types => _types;

    public IReadOnlyList<MemberEntry> Members => _members;

    /// <summary>Whether the scanner met the end of the text where it expected it: else it misread a bracket.</summary>
    public bool IsWhole { get; private set; }

    /// <param name="code">As <see cref="CodeMask"/> leaves it.</param>
    public static CodeOutline Read(string code)
    {
        // Directives end without a semicolon, so they would run into the next member.
        var outline = new CodeOutline(Directive().Replace(code, m => new string(' ', m.Length)));
        outline.ReadMembers(isTopLevel: true);
        outline.IsWhole = outline._at == code.Length;
        return outline;
    }

    private void ReadMembers(bool isTopLevel)
    {
        while (true)
        {
            SkipSpaceAndAttributes();
            if (_at >= _code.Length || _code[_at] == '}')
            {
                return;
            }

            ReadMember(isTopLevel);
        }
    }

    private void SkipSpaceAndAttributes()
    {
        while (_at < _code.Length && (char.IsWhiteSpace(_code[_at]) || _code[_at] is '[' or ';'))
        {
            _at = _code[_at] == '[' ? EndOfBrackets() : _at + 1;
        }
    }

    private void ReadMember(bool isTopLevel)
    {
        var start = _at;
        var headerEnd = -1;
        var isField = false;
        while (_at < _code.Length && _code[_at] != '}')
        {
            var c = _code[_at];
            if (c == 'o' && OperatorName().Match(_code, _at) is { Success: true } name)
            {
                _at += name.Length;
                continue;
            }

            if (headerEnd < 0 && (c is '=' or '{' or ';'))
            {
                headerEnd = _at;
                isField = c == '=' && _code[_at + 1] != '>';
            }

            if (c == '{' && headerEnd == _at && TryReadType(_code[start.._at], start, isTopLevel))
            {
                return;
            }

            _at = c is '(' or '[' or '{' ? EndOfBrackets() : _at + 1;
            if (c == ';' || c == '{' && _code[headerEnd] == '{' && !NextIsAssignment())
            {
                break;
            }
        }

        var header = _code[start..(headerEnd < 0 ? _at : headerEnd)];
        var type = TypeHeader().Match(header);
        if (type.Success)
        {
            AddType(type, header, start, isTopLevel);
        }
        else if (!isField)
        {
            _members.Add(new MemberEntry(MemberName(header), LineOf(start), LineOf(_at - 1)));
        }
    }

    private bool TryReadType(string header, int start, bool isTopLevel)
    {
        var type = TypeHeader().Match(header);
        var isNamespace = header.StartsWith("namespace", StringComparison.Ordinal);
        if (!type.Success && !isNamespace && !header.StartsWith("extension", StringComparison.Ordinal))
        {
            return false;
        }

        if (type.Success)
        {
            AddType(type, header, start, isTopLevel);
        }

        if (type.Groups["kind"].Value == "enum")
        {
            _at = EndOfBrackets();
            return true;
        }

        _at++;
        ReadMembers(isTopLevel && isNamespace);
        _at++;
        return true;
    }

    private void AddType(Match type, string header, int start, bool isTopLevel)
    {
        var isPartial = header[..type.Groups["name"].Index].Contains("partial ", StringComparison.Ordinal);
        _types.Add(new TypeEntry(type.Groups["name"].Value, LineOf(start), isTopLevel, isPartial));
    }

    /// <summary>The offset after the bracket that closes the one at the present offset.</summary>
    private int EndOfBrackets()
    {
        var depth = 0;
        for (var i = _at; i < _code.Length; i++)
        {
            depth += _code[i] is '(' or '[' or '{' ? 1 : _code[i] is ')' or ']' or '}' ? -1 : 0;
            if (depth == 0)
            {
                return i + 1;
            }
        }

        return _code.Length;
    }

    private bool NextIsAssignment()
    {
        var rest = _code.AsSpan(_at).TrimStart();
        return rest is ['=', ..];
    }

    private int LineOf(int offset) => _code.AsSpan(0, offset).Count('\n') + 1;

    private static string MemberName(string header)
    {
        var call = CallName().Match(header);
        return call.Success
            ? call.Groups["name"].Value.Split('<')[0].Trim()
            : header.Split([' ', '\n'], WordsOnly).LastOrDefault("?");
    }

    [GeneratedRegex(@"^[ \t]*#[^\n]*", RegexOptions.Multiline)]
    private static partial Regex Directive();

    [GeneratedRegex(@"\Goperator\b[^(]*")]
    private static partial Regex OperatorName();

    [GeneratedRegex(
        @"\b(?!(public|internal|private|protected|static|readonly|override|virtual|abstract|async|ref|unsafe|new)\b)"
        + @"(?<name>operator\b|\w+\s*(<[^()]*>)?\s*(?=\())")]
    private static partial Regex CallName();

    [GeneratedRegex(
        @"^((public|internal|private|protected|file|static|sealed|abstract|partial|readonly|ref|unsafe|new)\s+)*"
        + @"((?<kind>class|struct|interface|enum|record(\s+(class|struct))?)\s+|delegate\s[^(]*?)"
        + @"(?<name>\w+)\s*([<({:;]|\bwhere\b|$)")]
    private static partial Regex TypeHeader();

    internal readonly record struct TypeEntry(string Name, int Line, bool IsTopLevel, bool IsPartial);

    internal readonly record struct MemberEntry(string Name, int FirstLine, int LastLine)
    {
        public int LineCount => LastLine - FirstLine + 1;
    }
}
