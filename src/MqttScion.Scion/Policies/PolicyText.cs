namespace MqttScion.Scion;

/// <summary>Text of a policy as messages show it.</summary>
internal static class PolicyText
{
    private const int MaxLength = 80;

    /// <summary>The text in quotes, as <see cref="OneLine"/> makes it.</summary>
    public static string Quote(ReadOnlySpan<char> text, char quote = '\'') => $"{quote}{OneLine(text)}{quote}";

    /// <summary>The text on one line, control characters as spaces, cut after some characters.</summary>
    public static string OneLine(ReadOnlySpan<char> text, int maxLength = MaxLength)
    {
        var isCut = text.Length > maxLength;
        var line = text[..Math.Min(text.Length, maxLength)].ToArray();
        for (var i = 0; i < line.Length; i++)
        {
            line[i] = char.IsControl(text[i]) || text[i] is '\u2028' or '\u2029' ? ' ' : text[i];
        }
        return isCut ? new string(line) + "…" : new string(line);
    }
}
