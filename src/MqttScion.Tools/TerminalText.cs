using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace MqttScion.Tools;

/// <summary>Text from others, made safe for one line of a terminal.</summary>
public static class TerminalText
{
    private const StringSplitOptions Trimmed = StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;

    private static readonly char[] Breaks = ['\r', '\n', '\t'];

    /// <summary>A payload as text, or as <c>0x</c> and hex digits when it is not UTF-8.</summary>
    public static string OfPayload(ReadOnlySpan<byte> payload) => Utf8.IsValid(payload)
        ? Escape(Encoding.UTF8.GetString(payload))
        : "0x" + Convert.ToHexStringLower(payload);

    /// <summary>The text with control characters written as <c>\n</c>, <c>\r</c> or <c>\u001b</c>; tabs stay.</summary>
    public static string Escape(string text)
    {
        if (!text.Any(NeedsEscape))
            return text;
        var escaped = new StringBuilder(text.Length + 16);
        foreach (var c in text)
        {
            _ = c switch
            {
                '\n' => escaped.Append("\\n"),
                '\r' => escaped.Append("\\r"),
                _ when NeedsEscape(c) => escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => escaped.Append(c),
            };
        }
        return escaped.ToString();
    }

    /// <summary>A text of several lines on one, safe as by <see cref="Escape"/>.</summary>
    public static string OneLine(string text) => Escape(string.Join(' ', text.Split(Breaks, Trimmed)));

    /// <summary>A text of several lines, safe as by <see cref="Escape"/>; no line but the first looks like one of ours.
    /// </summary>
    public static string Indented(string text) =>
        string.Join("\n   ", text.Split('\n', Trimmed).Select(Escape));

    private static bool NeedsEscape(char c) => c != '\t' && char.IsControl(c);
}
