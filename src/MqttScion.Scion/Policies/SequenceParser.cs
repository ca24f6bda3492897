using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace MqttScion.Scion;

/// <summary>Reads the sequence language, see <see cref="SequencePolicy"/>, into an automaton.</summary>
internal sealed class SequenceParser
{
    /// <summary>The most characters of a sequence.</summary>
    public const int MaxLength = 4096;

    /// <summary>The most parentheses within each other.</summary>
    public const int MaxDepth = 100;

    private const string HopExpected = "a hop or ( is expected";

    private readonly string _text;
    private readonly List<SequenceState> _states = [];
    private int _index;
    private int _depth;
    private string? _error;

    private SequenceParser(string text) => _text = text;

    /// <summary>Parses a text that is not empty.</summary>
    public static bool TryParse(
        string text,
        [NotNullWhen(true)] out SequenceAutomaton? automaton,
        [NotNullWhen(false)] out string? error)
    {
        automaton = null;
        if (text.Length > MaxLength)
        {
            error = string.Create(
                CultureInfo.InvariantCulture, $"it has {text.Length} characters; at most {MaxLength} are expected");
            return false;
        }
        var parser = new SequenceParser(text);
        var whole = parser.Concatenation();
        if (parser._error is null && parser.Peek() is not null)
        {
            parser.Unexpected("a hop, an operator or the end is expected");
        }
        error = parser._error;
        if (error is null)
        {
            automaton = new SequenceAutomaton([.. parser._states], whole.Start, whole.End);
        }
        return automaton is not null;
    }

    private Part Concatenation()
    {
        var all = Alternatives();
        while (_error is null && Peek() is not (null or ')'))
        {
            var next = Alternatives();
            if (_error is null)
            {
                all = Join(all, next);
            }
        }
        return all;
    }

    private Part Alternatives()
    {
        var all = Repeated();
        while (_error is null && Take('|'))
        {
            var next = Repeated();
            if (_error is null)
            {
                all = Either(all, next);
            }
        }
        return all;
    }

    private Part Repeated()
    {
        var part = Single();
        while (_error is null)
        {
            if (Take('?'))
            {
                part = Repeat(part, isOptional: true, isRepeated: false);
            }
            else if (Take('+'))
            {
                part = Repeat(part, isOptional: false, isRepeated: true);
            }
            else if (Take('*'))
            {
                part = Repeat(part, isOptional: true, isRepeated: true);
            }
            else
            {
                break;
            }
        }
        return part;
    }

    private Part Single()
    {
        if (!Take('('))
        {
            return Hop();
        }
        if (++_depth > MaxDepth)
        {
            return Fail($"more than {MaxDepth} parentheses lie within each other");
        }
        var inner = Concatenation();
        _depth--;
        return _error is null && !Take(')') ? Unexpected("a hop, an operator or ) is expected") : inner;
    }

    private Part Hop()
    {
        if (Peek() is null)
        {
            return Unexpected(HopExpected);
        }
        var length = 0;
        while (_index + length < _text.Length && IsOfHop(_text[_index + length]))
        {
            length++;
        }
        var word = _text.AsSpan(_index, length);
        if (length == 0)
        {
            return Unexpected(HopExpected);
        }
        if (!HopPattern.TryParse(word, out var pattern))
        {
            return Fail($"{PolicyText.Quote(word)} is no {HopPattern.Forms}");
        }
        // scionproto compares text: another spelling of a number would silently match nothing there.
        var canonical = CanonicalOf(word, pattern);
        if (!word.SequenceEqual(canonical))
        {
            return Fail($"{PolicyText.Quote(word)} must be written {canonical}");
        }
        _index += length;
        var end = Add(new SequenceState(Pattern: null));
        return new Part(Add(new SequenceState(pattern, end)), end);
    }

    /// <summary>The pattern written with the same parts as the word.</summary>
    private static string CanonicalOf(ReadOnlySpan<char> word, HopPattern pattern)
    {
        var isdAs = word.Contains('-')
            ? pattern.IsdAs.ToString()
            : pattern.IsdAs.Isd.ToString(CultureInfo.InvariantCulture);
        var interfaces = !word.Contains('#') ? ""
            : pattern.IsEither ? FormattableString.Invariant($"#{pattern.In}")
            : FormattableString.Invariant($"#{pattern.In},{pattern.Out}");
        return isdAs + interfaces;
    }

    private Part Join(Part first, Part second)
    {
        _states[first.End] = new SequenceState(Pattern: null, second.Start);
        return new Part(first.Start, second.End);
    }

    private Part Either(Part first, Part second)
    {
        var end = Add(new SequenceState(Pattern: null));
        _states[first.End] = _states[second.End] = new SequenceState(Pattern: null, end);
        return new Part(Add(new SequenceState(Pattern: null, first.Start, second.Start)), end);
    }

    private Part Repeat(Part part, bool isOptional, bool isRepeated)
    {
        var end = Add(new SequenceState(Pattern: null));
        _states[part.End] = new SequenceState(Pattern: null, end, isRepeated ? part.Start : -1);
        return new Part(Add(new SequenceState(Pattern: null, part.Start, isOptional ? end : -1)), end);
    }

    private int Add(SequenceState state)
    {
        _states.Add(state);
        return _states.Count - 1;
    }

    private bool Take(char expected)
    {
        var isThere = Peek() == expected;
        _index += isThere ? 1 : 0;
        return isThere;
    }

    /// <summary>The next character that is no white space; null at the end.</summary>
    private char? Peek()
    {
        while (_index < _text.Length && _text[_index] is ' ' or '\t' or '\r' or '\n')
        {
            _index++;
        }
        return _index < _text.Length ? _text[_index] : null;
    }

    private static bool IsOfHop(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or ':' or '#' or ',';

    private Part Unexpected(string expected) => Peek() is { } found
        ? Fail($"{PolicyText.Quote([found])} came where {expected}")
        : Fail($"the text ends where {expected}");

    private Part Fail(string problem)
    {
        _error ??= string.Create(CultureInfo.InvariantCulture, $"at character {_index + 1}, {problem}");
        return default;
    }

    /// <summary>Some states with one way in and one way out; nothing follows the end yet.</summary>
    private readonly record struct Part(int Start, int End);
}
