using System.Diagnostics.CodeAnalysis;
using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>
/// A topic with named levels, such as <c>plant/{line}/temp</c>: gives the filter to subscribe with, the values of a
/// topic that came, and the topic to publish to.
/// </summary>
/// <remarks>
/// <c>{name}</c> stands for one whole level and <c>{*name}</c>, at the end, for all that follow (none is a value too:
/// <c>plant/#</c> matches <c>plant</c>). Names are letters, digits and <c>_</c>, each used once. Immutable.
/// </remarks>
public sealed class TopicTemplate
{
    private readonly string _text;
    private readonly TopicLevel[] _levels;

    private TopicTemplate(string text, TopicLevel[] levels, string filter)
    {
        _text = text;
        _levels = levels;
        Filter = filter;
        Names = [.. levels.Where(static level => level.IsName).Select(static level => level.Text)];
    }

    /// <summary>The topic filter that takes every topic of the template, and no other.</summary>
    public string Filter { get; }

    /// <summary>The names, in the order of their levels.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Reads a template.</summary>
    /// <exception cref="FormatException">It breaks a rule; the message names it.</exception>
    public static TopicTemplate Parse(string text) =>
        TryParse(text, out var template, out var error) ? template : throw new FormatException(error);

    /// <summary>Reads a template; false with what is wrong.</summary>
    public static bool TryParse(
        string? text,
        [NotNullWhen(true)] out TopicTemplate? template,
        [NotNullWhen(false)] out string? error)
    {
        template = null;
        var parts = (text ?? "").Split('/');
        var levels = new TopicLevel[parts.Length];
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < parts.Length; i++)
        {
            if (!TopicLevel.TryParse(parts[i], out levels[i], out error))
            {
                return false;
            }
            if (levels[i].IsName && !names.Add(levels[i].Text))
            {
                error = $"The topic template '{text}' has the name '{levels[i].Text}' twice.";
                return false;
            }
            if (levels[i].IsRest && i < parts.Length - 1)
            {
                error = $"In the topic template '{text}' {{*{levels[i].Text}}} must be the last level.";
                return false;
            }
        }
        var filter = string.Join('/', levels.Select(static level => level.Filter));
        if (!MqttTopic.TryValidateFilter(filter, out error))
        {
            return false;
        }
        template = new TopicTemplate(text!, levels, filter);
        return true;
    }

    /// <summary>The values of a topic in the order of <see cref="Names"/>; false when it is not of the template.
    /// </summary>
    public bool TryMatch(string topic, [NotNullWhen(true)] out IReadOnlyList<string>? values)
    {
        values = null;
        if (!MqttTopic.Matches(Filter, topic))
        {
            return false;
        }
        var found = new string[Names.Count];
        var (count, start) = (0, 0);
        foreach (var level in _levels)
        {
            // Past the end only when the rest is empty and the topic is its parent.
            var rest = start <= topic.Length ? topic.AsSpan(start) : default;
            var slash = level.IsRest ? -1 : rest.IndexOf('/');
            var length = slash < 0 ? rest.Length : slash;
            if (level.IsName)
            {
                found[count++] = rest[..length].ToString();
            }
            start += length + 1;
        }
        values = found;
        return true;
    }

    /// <summary>The topic with these values, in the order of <see cref="Names"/>.</summary>
    /// <exception cref="ArgumentException">
    /// There are more or fewer values than names, or one holds a wildcard, or a <c>/</c> where one level is meant.
    /// </exception>
    public string Format(params ReadOnlySpan<string> values)
    {
        if (values.Length != Names.Count)
        {
            throw new ArgumentException(
                $"The topic template '{_text}' has {Names.Count} names, but {values.Length} values were given.");
        }
        var texts = new string[_levels.Length];
        var count = 0;
        for (var i = 0; i < texts.Length; i++)
        {
            var level = _levels[i];
            texts[i] = level.IsName ? values[count++] : level.Text;
            if (level.IsName && !level.IsRest && texts[i].Contains('/'))
            {
                throw new ArgumentException($"The value '{texts[i]}' of {{{level.Text}}} is more than one level.");
            }
        }
        var topic = string.Join('/', texts);
        return MqttTopic.TryValidateTopic(topic, out var error) ? topic : throw new ArgumentException(error);
    }

    /// <inheritdoc/>
    public override string ToString() => _text;
}
