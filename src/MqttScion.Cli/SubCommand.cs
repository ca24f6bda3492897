using System.CommandLine;
using MqttScion.Mqtt;

namespace MqttScion.Cli;

/// <summary><c>mqtt-scion sub</c>: subscribes and prints what comes.</summary>
internal static class SubCommand
{
    private const string Description =
        """
        Subscribe and print each message as a line: topic, space, payload.

        Runs until Ctrl-C or --count messages. A payload that is not UTF-8 is printed as 0x and hex digits; control
        characters are printed as \n, \r or \u001b, so that a message is always one line.
        """;

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var connection = new ConnectionOptions();
        var topics = new Argument<string[]>("TOPIC")
        {
            Description = "Topic filters, such as plant/+/temp or plant/#.",
            Arity = ArgumentArity.OneOrMore,
        };
        topics.Validators.Add(result =>
        {
            foreach (var token in result.Tokens)
            {
                if (!MqttTopic.TryValidateFilter(token.Value, out var problem))
                    result.AddError("TOPIC: " + problem);
            }
        });
        var qos = QosOption.Create();
        var count = new Option<int?>("--count") { Description = "End after so many messages.", HelpName = "count" };
        count.Limit(1, int.MaxValue);

        var command = new Command("sub", Description);
        connection.AddRemoteTo(command);
        command.Arguments.Add(topics);
        command.Options.Add(qos);
        command.Options.Add(count);
        connection.AddOptionsTo(command);
        command.SetAction((parse, cancellation) => CommandFailure.GuardAsync(
            parse.InvocationConfiguration.Error,
            token => RunAsync(
                connection,
                parse,
                [.. parse.GetValue(topics)!.Select(topic => new MqttTopicFilterBuilder()
                    .WithTopic(topic)
                    .WithQualityOfServiceLevel((MqttQualityOfServiceLevel)parse.GetValue(qos))
                    .Build())],
                new MessagePrinter(parse.InvocationConfiguration.Output, parse.GetValue(count)),
                token),
            cancellation));
        return command;
    }

    private static async Task<int> RunAsync(
        ConnectionOptions connection,
        ParseResult parse,
        IReadOnlyList<MqttTopicFilter> filters,
        MessagePrinter printer,
        CancellationToken cancellationToken)
    {
        using var loggers = connection.CreateLoggers(parse);
        var client = connection.CreateClient(parse, loggers);
        await using var disposal = client.ConfigureAwait(false);
        using var report = connection.CreateReport(parse, client, tellsConnects: true);
        try
        {
            foreach (var filter in filters)
            {
                // Before connecting: what a session has kept comes at once. The client's dispose ends it.
                _ = client.Messages(filter).Subscribe(printer.Print, report.Fail);
            }
            await client.ConnectAsync(cancellationToken).ConfigureAwait(false);
            foreach (var filter in filters)
            {
                await client.SubscribeAsync(filter, cancellationToken).ConfigureAwait(false);
                report.Tell($"subscribed to {filter}");
            }
            var ended = await Task.WhenAny(printer.Done, report.Failed).WaitAsync(cancellationToken)
                .ConfigureAwait(false);
            await ended.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            report.Tell("disconnecting");
        }
        return ExitCode.Ok;
    }
}
