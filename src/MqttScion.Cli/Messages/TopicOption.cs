using System.CommandLine;
using MqttScion.Mqtt;

namespace MqttScion.Cli;

/// <summary>Arguments and options that are topics.</summary>
internal static class TopicOption
{
    /// <summary>The argument TOPIC: a topic name without wildcards.</summary>
    public static Argument<string> Argument(string description)
    {
        var topic = new Argument<string>("TOPIC") { Description = description };
        topic.Validators.Add(result =>
        {
            if (!MqttTopic.TryValidateTopic(result.GetValueOrDefault<string>(), out var problem))
                result.AddError("TOPIC: " + problem);
        });
        return topic;
    }

    /// <summary>Refuses what is no topic name when the command line is parsed.</summary>
    public static void CheckTopic(this Option<string?> option) => option.Validators.Add(result =>
    {
        foreach (var token in result.Tokens)
        {
            if (!MqttTopic.TryValidateTopic(token.Value, out var problem))
                result.AddError($"{option.Name}: {problem}");
        }
    });
}
