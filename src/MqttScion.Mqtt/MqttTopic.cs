using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace MqttScion.Mqtt;

/// <summary>The rules of topic names and topic filters (MQTT 5 §4.7, §4.8).</summary>
public static class MqttTopic
{
    /// <summary>The longest topic name, topic filter or other string, in bytes of UTF-8.</summary>
    public const int MaxLengthBytes = ushort.MaxValue;

    private const string SharePrefix = "$share/";

    /// <summary>True when the text is a topic name, as needed in PUBLISH.</summary>
    /// <param name="topic">The text.</param>
    /// <param name="error">Otherwise what is wrong, with the identifier of the broken rule.</param>
    public static bool TryValidateTopic(string? topic, [NotNullWhen(false)] out string? error)
    {
        error = FindCommonError(topic, "topic name")
            ?? (topic.AsSpan().IndexOfAny('+', '#') >= 0
                ? $"[MQTT-3.3.2-2] The topic name '{topic}' holds a wildcard."
                : null);
        return error is null;
    }

    /// <summary>True when the text is a topic filter, shared or not, as needed in SUBSCRIBE.</summary>
    /// <param name="filter">The text.</param>
    /// <param name="error">Otherwise what is wrong, with the identifier of the broken rule.</param>
    public static bool TryValidateFilter(string? filter, [NotNullWhen(false)] out string? error)
    {
        error = FindCommonError(filter, "topic filter") ?? FindShareError(filter!) ?? FindWildcardError(filter!);
        return error is null;
    }

    /// <summary>True when the filter is a shared subscription, <c>$share/group/filter</c>.</summary>
    public static bool IsShared(ReadOnlySpan<char> filter) => filter.StartsWith(SharePrefix, StringComparison.Ordinal);

    /// <summary>True when the filter holds a wildcard.</summary>
    public static bool HasWildcard(ReadOnlySpan<char> filter) => filter.IndexOfAny('+', '#') >= 0;

    /// <summary>The filter without the prefix <c>$share/group/</c>; a filter that is not shared is returned as it
    /// is.</summary>
    public static ReadOnlySpan<char> WithoutShare(ReadOnlySpan<char> filter)
    {
        if (!IsShared(filter))
        {
            return filter;
        }
        var rest = filter[SharePrefix.Length..];
        var slash = rest.IndexOf('/');
        return slash < 0 ? default : rest[(slash + 1)..];
    }

    /// <summary>True when a message on the topic belongs to a subscription with the filter.</summary>
    /// <remarks>
    /// Both must be valid. A shared filter matches as its part after the group does. A filter that begins with a
    /// wildcard does not match a topic that begins with <c>$</c> [MQTT-4.7.2-1].
    /// </remarks>
    public static bool Matches(ReadOnlySpan<char> filter, ReadOnlySpan<char> topic)
    {
        filter = WithoutShare(filter);
        if (filter.IsEmpty || topic.IsEmpty || (topic[0] == '$' && filter[0] is '+' or '#'))
        {
            return false;
        }
        while (true)
        {
            var hasMoreFilter = TakeLevel(ref filter, out var wanted);
            if (wanted is "#")
            {
                return true;
            }
            var hasMoreTopic = TakeLevel(ref topic, out var level);
            if (wanted is not "+" && !wanted.SequenceEqual(level))
            {
                return false;
            }
            if (!hasMoreTopic)
            {
                // "sport/#" also matches "sport", its parent level (§4.7.1.2).
                return !hasMoreFilter || filter is "#";
            }
            if (!hasMoreFilter)
            {
                return false;
            }
        }
    }

    /// <summary>True when the text can travel as an MQTT string: at most 65,535 bytes, no U+0000, no lone
    /// surrogate.</summary>
    internal static bool IsWellFormed(string text) =>
        text.Length <= MaxLengthBytes
        && !text.Contains('\0')
        && !HasLoneSurrogate(text)
        && (text.Length <= MaxLengthBytes / 3 || Encoding.UTF8.GetByteCount(text) <= MaxLengthBytes);

    private static bool TakeLevel(ref ReadOnlySpan<char> rest, out ReadOnlySpan<char> level)
    {
        var slash = rest.IndexOf('/');
        level = slash < 0 ? rest : rest[..slash];
        rest = slash < 0 ? default : rest[(slash + 1)..];
        return slash >= 0;
    }

    private static string? FindCommonError([NotNull] string? text, string noun)
    {
        text ??= "";
        if (text.Length == 0)
        {
            return $"[MQTT-4.7.3-1] A {noun} must be at least one character long.";
        }
        if (text.Contains('\0'))
        {
            return $"[MQTT-4.7.3-2] The {noun} holds U+0000.";
        }
        if (HasLoneSurrogate(text))
        {
            return $"[MQTT-1.5.4-1] The {noun} holds a lone surrogate.";
        }
        var lengthBytes = Encoding.UTF8.GetByteCount(text);
        return lengthBytes > MaxLengthBytes
            ? $"[MQTT-4.7.3-3] The {noun} is {lengthBytes} bytes long; {MaxLengthBytes} are allowed."
            : null;
    }

    private static string? FindShareError(string filter)
    {
        if (!IsShared(filter))
        {
            return filter is "$share"
                ? "[MQTT-4.8.2-1] A shared subscription needs a group: $share/group/filter."
                : null;
        }
        var rest = filter.AsSpan(SharePrefix.Length);
        var slash = rest.IndexOf('/');
        var group = slash < 0 ? rest : rest[..slash];
        if (group.IsEmpty || HasWildcard(group))
        {
            return $"[MQTT-4.8.2-1] The group of '{filter}' must be at least one character, none of them / + #.";
        }
        return slash < 0 || slash + 1 == rest.Length
            ? $"[MQTT-4.8.2-2] The group of '{filter}' must be followed by / and a topic filter."
            : null;
    }

    private static string? FindWildcardError(string filter)
    {
        var rest = WithoutShare(filter);
        for (var hasMore = true; hasMore;)
        {
            hasMore = TakeLevel(ref rest, out var level);
            if (level.Contains('#') && (hasMore || level.Length > 1))
            {
                return $"[MQTT-4.7.1-1] In '{filter}' the wildcard # must be the whole last level.";
            }
            if (level.Contains('+') && level.Length > 1)
            {
                return $"[MQTT-4.7.1-2] In '{filter}' the wildcard + must be a whole level.";
            }
        }
        return null;
    }

    private static bool HasLoneSurrogate(ReadOnlySpan<char> text)
    {
        for (var i = text.IndexOfAnyInRange('\ud800', '\udfff'); i >= 0 && i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
            {
                continue;
            }
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
            {
                return true;
            }
            i++;
        }
        return false;
    }
}
