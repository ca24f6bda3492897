using System.CommandLine;
using MqttScion.Mqtt;

namespace MqttScion.Cli;

/// <summary><c>mqtt-scion pub</c>: publishes a message, or one for each line.</summary>
internal sealed class PubCommand
{
    private const string Description =
        """
        Publish a message. Ends when the broker has acknowledged it (QoS 1 and 2).

        Examples:
          mqtt-scion pub '[2-ff00:0:211,127.0.0.1]:4433' plant/1/temp 21.5 --retain
          mqtt-scion pub '[2-ff00:0:211,127.0.0.1]:4433' plant/1/picture --file picture.png --content-type image/png
          tail -f readings | mqtt-scion pub '[2-ff00:0:211,127.0.0.1]:4433' plant/1/temp --lines
        """;

    // The broker gets the message again each time.
    private const int MostEqualFaults = 2;

    private readonly ConnectionOptions _connection = new();
    private readonly Argument<string> _topic = TopicOption.Argument("Topic to publish to.");
    private readonly PayloadSource _payload;
    private readonly MessageOptions _message = new();
    private readonly Option<string?> _responseTopic = new("--response-topic")
    {
        Description = "Topic on which an answer is awaited; `request` chooses one and waits.",
        HelpName = "topic",
    };

    private readonly Option<bool> _retain = new("--retain")
    {
        Description = "Ask the broker to keep the message for later subscribers.",
    };

    private readonly Option<int> _repeat = new("--repeat")
    {
        Description = "How many times to publish the message.",
        HelpName = "count",
        DefaultValueFactory = _ => 1,
    };

    private readonly Option<TimeSpan?> _timeout = DurationOption.Create(
        "--timeout",
        "How long it may take to connect and to publish all. Default: until nobody has answered on any path.",
        TimeSpan.FromMilliseconds(1),
        TimeSpan.FromDays(1));

    private PubCommand(Func<Stream> openInput)
    {
        _payload = new PayloadSource(openInput);
        _repeat.Limit(1, int.MaxValue);
        _responseTopic.CheckTopic();
    }

    /// <summary>Makes the command.</summary>
    /// <param name="openInput">Opens the standard input, for the payload <c>-</c> and <c>--lines</c>.</param>
    public static Command Create(Func<Stream> openInput) => new PubCommand(openInput).Build();

    private Command Build()
    {
        var command = new Command("pub", Description);
        _connection.AddRemoteTo(command);
        command.Arguments.Add(_topic);
        _payload.AddTo(command, takesLines: true);
        _message.AddTo(command);
        foreach (var option in new Option[] { _responseTopic, _retain, _repeat, _timeout })
            command.Options.Add(option);
        _connection.AddOptionsTo(command);
        command.SetAction((parse, cancellation) => MqttScionCommand.Program.GuardAsync(
            parse.InvocationConfiguration.Error, token => RunAsync(parse, token), cancellation));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        var lines = _payload.Lines(parse);
        var payload = lines is null ? await _payload.ReadAsync(parse, cancellationToken).ConfigureAwait(false) : [];
        var message = Create(parse, payload);
        if (await MessageOptions.FindFaultAsync(parse, message).ConfigureAwait(false) is { } wrong)
            return wrong;
        var run = new ClientRun(_connection, parse, new RepeatedFaults(
            MostEqualFaults, "What was published may have been delivered, and more than once."));
        await using var disposal = run.ConfigureAwait(false);
        var publishing = new PublishRun(run, _connection.IsVerbose(parse));
        await run.RunAsync(
            parse.GetValue(_timeout),
            async token =>
            {
                await run.ConnectAsync(token).ConfigureAwait(false);
                for (var i = 0; i < parse.GetValue(_repeat) && lines is null; i++)
                    await publishing.AddAsync(message, token).ConfigureAwait(false);
                while (lines is not null && await publishing.NextAsync(lines, token).ConfigureAwait(false) is { } line)
                {
                    for (var i = 0; i < parse.GetValue(_repeat); i++)
                        await publishing.AddAsync(Create(parse, line), token).ConfigureAwait(false);
                }
                await publishing.FinishAsync(token).ConfigureAwait(false);
            },
            late: () => $"{publishing.Acknowledged} of {publishing.Added} messages to '{message.Topic}' were "
                + "acknowledged",
            cancellationToken).ConfigureAwait(false);
        return ExitCode.Ok;
    }

    private MqttApplicationMessage Create(ParseResult parse, byte[] payload) => _message.Create(
        parse, parse.GetValue(_topic)!, payload, parse.GetValue(_retain), parse.GetValue(_responseTopic));
}
