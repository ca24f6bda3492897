using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace MqttScion.Cli;

/// <summary>Text from others, made safe for one line of a terminal.</summary>
internal static class TerminalText
{
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

    private static bool NeedsEscape(char c) => c != '\t' && char.IsControl(c);
}
