using System.Diagnostics.CodeAnalysis;

namespace MqttScion;

/// <summary>One level of a <see cref="TopicTemplate"/>: a text, or a name for one level or for all the rest.</summary>
internal readonly record struct TopicLevel(string Text, bool IsName, bool IsRest)
{
    /// <summary>What stands for it in a topic filter.</summary>
    public string Filter => IsRest ? "#" : IsName ? "+" : Text;

    public static bool TryParse(string text, out TopicLevel level, [NotNullWhen(false)] out string? error)
    {
        (level, error) = (new TopicLevel(text, IsName: false, IsRest: false), null);
        if (text.AsSpan().IndexOfAny('{', '}') < 0)
        {
            error = text.AsSpan().IndexOfAny('+', '#') >= 0
                ? $"The level '{text}' of a topic template holds a wildcard; name it: {{name}} or {{*name}}."
                : null;
            return error is null;
        }
        var inner = text is ['{', .., '}'] ? text[1..^1] : "";
        var isRest = inner.StartsWith('*');
        var name = isRest ? inner[1..] : inner;
        if (name.Length == 0 || !name.All(static c => char.IsAsciiLetterOrDigit(c) || c == '_'))
        {
            error = $"The level '{text}' of a topic template must be {{name}}, of letters, digits and _, or hold no"
                + " brace.";
            return false;
        }
        level = new TopicLevel(name, IsName: true, isRest);
        return true;
    }
}
