using System.CommandLine;
using MqttScion.Mqtt;

namespace MqttScion.Cli;

/// <summary><c>mqtt-scion sub</c>: subscribes and prints what comes.</summary>
internal sealed class SubCommand
{
    private const string Description =
        """
        Subscribe and print each message as a line: topic, space, payload.

        Runs until Ctrl-C, --count messages, --timeout, or until nobody reads its output. A message is acknowledged when
        it is printed. A payload that is not UTF-8 is printed as 0x and hex digits; control characters are printed as
        \n, \r or \u001b, so that a message is always one line. --output and --format print otherwise.

        Examples:
          mqtt-scion sub '[2-ff00:0:211,127.0.0.1]:4433' 'plant/+/temp' 'plant/alarm/#'
          mqtt-scion sub '[2-ff00:0:211,127.0.0.1]:4433' 'plant/#' --count 10 --timeout 1m --output json
          mqtt-scion sub '[2-ff00:0:211,127.0.0.1]:4433' 'plant/#' --no-retained --format '%I %t %q %p'
        """;

    private const string CleanStart = "What it keeps for this client may be the cause: start clean, without --session "
        + "or with another --client-id.";

    // Without progress in between: then the session, or what is retained, will break the next connection too.
    private const int MostEqualFaults = 5;

    // For what the last message's other filters have to acknowledge: see RunAsync.
    private static readonly TimeSpan LastAcknowledgement = TimeSpan.FromMilliseconds(250);

    private readonly ConnectionOptions _connection = new();
    private readonly OutputOptions _output = new("topic, space, payload");
    private readonly Option<int> _qos = QosOption.Create();
    private readonly Argument<string[]> _topics = new("TOPIC")
    {
        Description = "Topic filters, such as plant/+/temp or plant/#.",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<int?> _count = new("--count")
    {
        Description = "End after so many messages. Further ones are not acknowledged: a session keeps them.",
        HelpName = "count",
    };

    private readonly Option<bool> _noRetained = new("--no-retained")
    {
        Description = "Leave out what the broker had retained before.",
    };

    private readonly Option<bool> _retainedOnly = new("--retained-only")
    {
        Description = "Print only what the broker had retained before.",
    };

    private readonly Option<TimeSpan?> _timeout = DurationOption.Create(
        "--timeout",
        "End after this time, whether messages came or not: with 1 when none did or --count is not reached.",
        TimeSpan.FromMilliseconds(1),
        TimeSpan.FromDays(1));

    private SubCommand()
    {
        _topics.Validators.Add(result =>
        {
            foreach (var token in result.Tokens)
            {
                if (!MqttTopic.TryValidateFilter(token.Value, out var problem))
                    result.AddError("TOPIC: " + problem);
            }
        });
        _count.Limit(1, int.MaxValue);
    }

    /// <summary>Makes the command.</summary>
    public static Command Create() => new SubCommand().Build();

    private Command Build()
    {
        var command = new Command("sub", Description);
        _connection.AddRemoteTo(command);
        command.Arguments.Add(_topics);
        foreach (var option in new Option[] { _qos, _count, _timeout, _noRetained, _retainedOnly })
            command.Options.Add(option);
        _output.AddTo(command);
        _connection.AddOptionsTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_noRetained) && result.GetValue(_retainedOnly))
                result.AddError("--no-retained, --retained-only: expected one of them, found both.");
        });
        command.SetAction((parse, cancellation) => MqttScionCommand.Program.GuardAsync(
            parse.InvocationConfiguration.Error, token => RunAsync(parse, token), cancellation));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        var filters = FiltersOf(parse);
        var count = parse.GetValue(_count);
        // One at a time where several readers share a count: then what comes first is printed first, and nothing that
        // is acknowledged stands behind a message that is not [MQTT-4.6.0-2].
        ushort? receiveMaximum = count is not null && filters.Count > 1 ? 1 : null;
        var faults = new RepeatedFaults(MostEqualFaults, CleanStart);
        var run = new ClientRun(_connection, parse, faults, tellsConnects: true, receiveMaximum);
        await using var disposal = run.ConfigureAwait(false);
        var output = ResultOutput.Of(parse.InvocationConfiguration);
        var printer = new MessagePrinter(
            output,
            _output.Read(parse, hasTopic: true),
            IsWanted(parse),
            count,
            comesTwice: filters.Count > 1,
            run.Report.OnProgress);
        var code = ExitCode.Ok;
        try
        {
            await run.RunAsync(
                parse.GetValue(_timeout),
                async token => code = await ReceiveAsync(run, filters, printer, output, token).ConfigureAwait(false),
                late: () => $"{printer.Printed}{(count is null ? "" : $" of {count}")} messages came",
                cancellationToken).ConfigureAwait(false);
        }
        catch (CommandException e) when (e.InnerException is OperationCanceledException
            && run.IsConnected && count is null && printer.Printed > 0)
        {
            run.Report.Tell("disconnecting");
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested && run.IsConnected)
        {
            run.Report.Tell("disconnecting");
        }
        finally
        {
            printer.Stop();
        }
        // Before the readers end: what they have not acknowledged stays in the session.
        await run.Client.DisconnectAsync(cancellationToken: CancellationToken.None).ConfigureAwait(false);
        return code;
    }

    private static async Task<int> ReceiveAsync(
        ClientRun run,
        IReadOnlyList<MqttTopicFilter> filters,
        MessagePrinter printer,
        ResultOutput output,
        CancellationToken cancellationToken)
    {
        foreach (var filter in filters)
        {
            // Before connecting: what a session has kept comes at once. The client's end is theirs.
            _ = ReadAsync(run, filter, printer);
        }
        await run.ConnectAsync(cancellationToken).ConfigureAwait(false);
        foreach (var filter in filters)
        {
            await run.Client.SubscribeAsync(filter, cancellationToken).ConfigureAwait(false);
            run.Report.Tell($"subscribed to {filter}");
        }
        using var watch = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var gone = output.WhenGoneAsync(watch.Token);
        var ended = await Task.WhenAny(printer.Done, gone).WaitAsync(cancellationToken).ConfigureAwait(false);
        await watch.CancelAsync().ConfigureAwait(false);
        if (ended == gone)
            return ExitCode.OutputClosed;
        var code = await printer.Done.ConfigureAwait(false);
        if (filters.Count > 1)
            await Task.Delay(LastAcknowledgement, cancellationToken).ConfigureAwait(false);
        return code;
    }

    // Goes on after the end until the client has disconnected: a reader that ends earlier answers what it has not read.
    private static async Task ReadAsync(ClientRun run, MqttTopicFilter filter, MessagePrinter printer)
    {
        try
        {
            await foreach (var delivery in run.Client.ReadMessagesAsync(filter).ConfigureAwait(false))
            {
                if (!printer.TryPrint(delivery.Message))
                    continue;
                delivery.Acknowledge();
                printer.OnAcknowledged();
            }
        }
        catch (MqttSubscribeRefusedException e)
        {
            run.Report.Fail(e);
        }
        catch (MqttNotConnectedException)
        {
            // The client has ended, which is told by what ended it: the connect, the report or the command itself.
        }
    }

    private IReadOnlyList<MqttTopicFilter> FiltersOf(ParseResult parse) =>
    [
        .. FilterCover.Reduce(parse.GetValue(_topics)!).Select(topic => new MqttTopicFilter
        {
            Topic = topic,
            QualityOfServiceLevel = (MqttQualityOfServiceLevel)parse.GetValue(_qos),
            RetainHandling = parse.GetValue(_noRetained)
                ? MqttRetainHandling.DoNotSendOnSubscribe
                : MqttRetainHandling.SendAtSubscribe,
        }),
    ];

    // A live message comes without the flag, as the filters don't ask for Retain As Published [MQTT-3.3.1-12].
    private Func<MqttApplicationMessage, bool> IsWanted(ParseResult parse) =>
        parse.GetValue(_noRetained) ? message => !message.Retain
        : parse.GetValue(_retainedOnly) ? message => message.Retain
        : _ => true;
}
