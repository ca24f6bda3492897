namespace MqttScion.Tidy.Tests;

/// <summary>Splits C# text into code and comments and drops what literals hold; every line and column stays.</summary>
/// <remarks>What stands in the holes of an interpolated string is code; the braces of the hole are not.</remarks>
internal sealed class CodeMask
{
    private readonly string _text;
    private readonly char[] _code;
    private readonly char[] _comments;
    private int _at;

    private CodeMask(string text)
    {
        _text = text;
        _code = [.. text.Select(c => c == '\n' ? '\n' : ' ')];
        _comments = [.. _code];
    }

    public static (string Code, string Comments) Split(string text)
    {
        var mask = new CodeMask(text);
        mask.ReadCode(isHole: false);
        return (new string(mask._code), new string(mask._comments));
    }

    /// <summary>Reads to the end of the text, or to the brace that closes the hole.</summary>
    private void ReadCode(bool isHole)
    {
        var depth = 0;
        while (_at < _text.Length)
        {
            var c = _text[_at];
            if (isHole && c == '}' && depth == 0)
            {
                return;
            }

            if (!TryReadComment() && !TryReadString() && !TryReadChar() && !TryReadDirective())
            {
                depth += c == '{' ? 1 : c == '}' ? -1 : 0;
                Keep(_code, 1);
            }
        }
    }

    private bool TryReadComment()
    {
        if (!Next("//") && !Next("/*"))
        {
            return false;
        }

        var end = Next("//") ? IndexOrEnd("\n", _at) : IndexOrEnd("*/", _at + 2) + 2;
        Keep(_comments, end - _at);
        return true;
    }

    private bool TryReadDirective()
    {
        if (_text[_at] != '#' || !_text.AsSpan(0, _at)[(_text.LastIndexOf('\n', _at) + 1)..].IsWhiteSpace())
        {
            return false;
        }

        Keep(_code, IndexOrEnd("\n", _at) - _at);
        return true;
    }

    private bool TryReadChar()
    {
        if (_text[_at] != '\'')
        {
            return false;
        }

        var end = _text.IndexOf('\'', Math.Min(_at + (Next("'\\") ? 3 : 2), _text.Length));
        if (end < 0 || end - _at > "'\\U00000000".Length)
        {
            return false;
        }

        _at = end + 1;
        return true;
    }

    private bool TryReadString()
    {
        var start = _at;
        while (start < _text.Length && _text[start] is '$' or '@')
        {
            start++;
        }

        var prefix = _text[_at..start];
        var quotes = Run('"', start);
        if (quotes == 0)
        {
            return false;
        }

        var holeBraces = prefix.Count(c => c == '$');
        var isVerbatim = prefix.Contains('@', StringComparison.Ordinal);
        var isRaw = quotes >= 3 && !isVerbatim;
        _at = start + (isRaw ? quotes : 1);
        if (isRaw)
        {
            ReadRawString(quotes, holeBraces);
        }
        else
        {
            ReadPlainString(isVerbatim, holeBraces > 0);
        }

        return true;
    }

    private void ReadRawString(int quotes, int holeBraces)
    {
        while (_at < _text.Length && Run('"', _at) < quotes)
        {
            var braces = Run('{', _at);
            _at += Math.Max(braces, 1);
            if (holeBraces > 0 && braces >= holeBraces)
            {
                ReadCode(isHole: true);
                _at += holeBraces;
            }
        }

        _at += Run('"', _at);
    }

    private void ReadPlainString(bool isVerbatim, bool hasHoles)
    {
        while (_at < _text.Length)
        {
            var isEscape = isVerbatim ? Next("\"\"") : _text[_at] == '\\';
            if (isEscape || hasHoles && (Next("{{") || Next("}}")))
            {
                _at += 2;
            }
            else if (hasHoles && _text[_at] == '{')
            {
                _at++;
                ReadCode(isHole: true);
                _at++;
            }
            else if (_text[_at++] == '"')
            {
                return;
            }
        }
    }

    private void Keep(char[] view, int count)
    {
        count = Math.Min(count, _text.Length - _at);
        _text.CopyTo(_at, view, _at, count);
        _at += count;
    }

    private bool Next(string what) => string.CompareOrdinal(_text, _at, what, 0, what.Length) == 0;

    private int Run(char c, int from)
    {
        var end = from;
        while (end < _text.Length && _text[end] == c)
        {
            end++;
        }

        return end - from;
    }

    private int IndexOrEnd(string what, int from)
    {
        var index = _text.IndexOf(what, from, StringComparison.Ordinal);
        return index < 0 ? _text.Length : index;
    }
}
