using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>A message whose topic is of a <see cref="TopicTemplate"/>.</summary>
/// <param name="Message">The message.</param>
/// <param name="Template">The template.</param>
/// <param name="Values">The values of the topic, in the order of the template's names.</param>
public sealed record TopicMatch(MqttApplicationMessage Message, TopicTemplate Template, IReadOnlyList<string> Values)
{
    /// <summary>The value of a name.</summary>
    /// <exception cref="KeyNotFoundException">The template has no such name.</exception>
    public string this[string name]
    {
        get
        {
            for (var i = 0; i < Values.Count; i++)
            {
                if (Template.Names[i] == name)
                {
                    return Values[i];
                }
            }
            throw new KeyNotFoundException($"The topic template '{Template}' has no name '{name}'.");
        }
    }
}
