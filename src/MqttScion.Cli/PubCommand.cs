using System.CommandLine;
using MqttScion.Mqtt;

namespace MqttScion.Cli;

/// <summary><c>mqtt-scion pub</c>: publishes a message.</summary>
internal static class PubCommand
{
    /// <summary>Makes the command.</summary>
    /// <param name="openInput">Opens the standard input, for the payload <c>-</c>.</param>
    public static Command Create(Func<Stream> openInput)
    {
        var connection = new ConnectionOptions();
        var topic = TopicArgument("Topic to publish to.");
        var payload = new PayloadSource(openInput);
        var message = new MessageOptions();
        var responseTopic = new Option<string?>("--response-topic")
        {
            Description = "Topic on which an answer is awaited; `request` chooses one and waits.",
            HelpName = "topic",
        };
        var retain = new Option<bool>("--retain")
        {
            Description = "Ask the broker to keep the message for later subscribers.",
        };
        var repeat = new Option<int>("--repeat")
        {
            Description = "How many times to publish the message.",
            HelpName = "count",
            DefaultValueFactory = _ => 1,
        };
        repeat.Limit(1, int.MaxValue);

        var command = new Command("pub", "Publish a message.");
        connection.AddRemoteTo(command);
        command.Arguments.Add(topic);
        payload.AddTo(command);
        message.AddTo(command);
        command.Options.Add(responseTopic);
        command.Options.Add(retain);
        command.Options.Add(repeat);
        connection.AddOptionsTo(command);
        command.SetAction((parse, cancellation) => CommandFailure.GuardAsync(
            parse.InvocationConfiguration.Error,
            async token =>
            {
                var bytes = await payload.ReadAsync(parse, token).ConfigureAwait(false);
                var content = message.Create(
                    parse, parse.GetValue(topic)!, bytes, parse.GetValue(retain), parse.GetValue(responseTopic));
                return await PublishAsync(connection, parse, content, parse.GetValue(repeat), token)
                    .ConfigureAwait(false);
            },
            cancellation));
        return command;
    }

    /// <summary>The argument TOPIC: a topic name without wildcards.</summary>
    public static Argument<string> TopicArgument(string description)
    {
        var topic = new Argument<string>("TOPIC") { Description = description };
        topic.Validators.Add(result =>
        {
            if (!MqttTopic.TryValidateTopic(result.GetValueOrDefault<string>(), out var problem))
                result.AddError("TOPIC: " + problem);
        });
        return topic;
    }

    private static async Task<int> PublishAsync(
        ConnectionOptions connection,
        ParseResult parse,
        MqttApplicationMessage message,
        int count,
        CancellationToken cancellationToken)
    {
        using var loggers = connection.CreateLoggers(parse);
        var client = connection.CreateClient(parse, loggers);
        await using var disposal = client.ConfigureAwait(false);
        using var report = connection.CreateReport(parse, client);
        await client.ConnectAsync(cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < count; i++)
        {
            var result = await client.PublishAsync(message, cancellationToken).ConfigureAwait(false);
            if (!result.IsSuccess)
            {
                var reason = string.IsNullOrEmpty(result.ReasonString) ? "" : $", '{result.ReasonString}'";
                throw new CommandException(
                    $"The {(result.IsLocal ? "client" : "server")} refused the message to '{message.Topic}': "
                    + $"{result.ReasonCode} (0x{(int)result.ReasonCode:x2}){reason}.");
            }
        }
        return ExitCode.Ok;
    }
}
