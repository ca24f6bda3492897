using System.CommandLine;
using System.Text;
using MqttScion.Mqtt;

namespace MqttScion.Cli;

/// <summary><c>mqtt-scion pub</c>: publishes a message.</summary>
internal static class PubCommand
{
    // MQTT 5 §2.1.4: no packet is larger than this.
    private const int MaxPayloadBytes = 268_435_455;

    /// <summary>Makes the command.</summary>
    /// <param name="openInput">Opens the standard input, for the payload <c>-</c>.</param>
    public static Command Create(Func<Stream> openInput)
    {
        var connection = new ConnectionOptions();
        var topic = new Argument<string>("TOPIC") { Description = "Topic to publish to." };
        topic.Validators.Add(result =>
        {
            if (!MqttTopic.TryValidateTopic(result.GetValueOrDefault<string>(), out var problem))
                result.AddError("TOPIC: " + problem);
        });
        var payload = new Argument<string?>("PAYLOAD")
        {
            Description = "Payload as text; - reads it from the standard input.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var file = new Option<string?>("--file")
        {
            Description = "Read the payload from this file.",
            HelpName = "file",
        };
        var qos = QosOption.Create();
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
        command.Arguments.Add(payload);
        command.Options.Add(file);
        command.Options.Add(qos);
        command.Options.Add(retain);
        command.Options.Add(repeat);
        connection.AddOptionsTo(command);
        command.Validators.Add(result =>
        {
            var sources = (result.GetValue(payload) is null ? 0 : 1) + (result.GetValue(file) is null ? 0 : 1);
            if (sources != 1)
                result.AddError("pub: expected a payload, either PAYLOAD (- for the standard input) or --file.");
        });
        command.SetAction((parse, cancellation) => CommandFailure.GuardAsync(
            parse.InvocationConfiguration.Error,
            async token =>
            {
                var bytes = await ReadAsync(parse.GetValue(payload), parse.GetValue(file), openInput, token)
                    .ConfigureAwait(false);
                var message = new MqttApplicationMessageBuilder()
                    .WithTopic(parse.GetValue(topic)!)
                    .WithPayload(bytes)
                    .WithQualityOfServiceLevel((MqttQualityOfServiceLevel)parse.GetValue(qos))
                    .WithRetainFlag(parse.GetValue(retain))
                    .Build();
                return await PublishAsync(connection, parse, message, parse.GetValue(repeat), token)
                    .ConfigureAwait(false);
            },
            cancellation));
        return command;
    }

    private static async Task<int> PublishAsync(
        ConnectionOptions connection,
        ParseResult parse,
        MqttApplicationMessage message,
        int count,
        CancellationToken cancellationToken)
    {
        var error = parse.InvocationConfiguration.Error;
        using var loggers = connection.CreateLoggers(parse);
        var client = connection.CreateClient(parse, loggers);
        await using var disposal = client.ConfigureAwait(false);
        using var report = new ClientReport(
            client,
            error,
            connection.IsVerbose(parse),
            connection.IsVerbose(parse),
            connection.TellsStatistics(parse));
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

    private static async Task<byte[]> ReadAsync(
        string? payload, string? file, Func<Stream> openInput, CancellationToken cancellationToken)
    {
        if (file is null && payload != "-")
            return Encoding.UTF8.GetBytes(payload!);
        var stream = file is null ? openInput() : File.OpenRead(file);
        await using var disposal = stream.ConfigureAwait(false);
        return await BoundedInput.ReadAsync(stream, MaxPayloadBytes, cancellationToken).ConfigureAwait(false)
            ?? throw new CommandException(
                $"The payload is larger than {MaxPayloadBytes} bytes, the most that MQTT carries.");
    }
}
