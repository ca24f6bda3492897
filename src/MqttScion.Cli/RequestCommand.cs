using System.CommandLine;
using MqttScion.Mqtt;

namespace MqttScion.Cli;

/// <summary><c>mqtt-scion request</c>: publishes a request and prints the response.</summary>
internal static class RequestCommand
{
    /// <summary>Makes the command.</summary>
    /// <param name="openInput">Opens the standard input, for the payload <c>-</c>.</param>
    public static Command Create(Func<Stream> openInput)
    {
        var connection = new ConnectionOptions();
        var topic = PubCommand.TopicArgument("Topic on which a responder listens.");
        var payload = new PayloadSource(openInput);
        var message = new MessageOptions();
        var timeout = DurationOption.Create(
            "--timeout",
            "How long to wait for the response.",
            TimeSpan.FromMilliseconds(1),
            TimeSpan.FromDays(1),
            TimeSpan.FromSeconds(10));

        var command = new Command("request", "Publish a request and print the payload of its response.");
        connection.AddRemoteTo(command);
        command.Arguments.Add(topic);
        payload.AddTo(command);
        message.AddTo(command);
        command.Options.Add(timeout);
        connection.AddOptionsTo(command);
        command.SetAction((parse, cancellation) => CommandFailure.GuardAsync(
            parse.InvocationConfiguration.Error,
            async token =>
            {
                var bytes = await payload.ReadAsync(parse, token).ConfigureAwait(false);
                var request = message.Create(parse, parse.GetValue(topic)!, bytes);
                return await RequestAsync(connection, parse, request, parse.GetValue(timeout), token)
                    .ConfigureAwait(false);
            },
            cancellation));
        return command;
    }

    private static async Task<int> RequestAsync(
        ConnectionOptions connection,
        ParseResult parse,
        MqttApplicationMessage request,
        TimeSpan timeout,
        CancellationToken cancellationToken)
    {
        using var loggers = connection.CreateLoggers(parse);
        var client = connection.CreateClient(parse, loggers);
        await using var disposal = client.ConfigureAwait(false);
        using var report = connection.CreateReport(parse, client);
        await client.ConnectAsync(cancellationToken).ConfigureAwait(false);
        var response = await client.RequestAsync(request, timeout, cancellationToken).ConfigureAwait(false);
        await parse.InvocationConfiguration.Output.WriteLineAsync(TerminalText.OfPayload(response.Payload.Span))
            .ConfigureAwait(false);
        return ExitCode.Ok;
    }
}
