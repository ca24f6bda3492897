using System.CommandLine;
using MqttScion.Mqtt;

namespace MqttScion.Cli;

/// <summary><c>mqtt-scion request</c>: publishes a request and prints the response.</summary>
internal sealed class RequestCommand
{
    private const string Description =
        """
        Publish a request and print the payload of its response.

        Example:
          mqtt-scion request '[2-ff00:0:211,127.0.0.1]:4433' plant/clock now --timeout 2s
        """;

    // A request that is repeated may be acted on twice.
    private const int MostEqualFaults = 2;

    // The time for a response may be shorter than any handshake takes.
    private static readonly TimeSpan LeastConnectTime = TimeSpan.FromSeconds(5);

    private readonly ConnectionOptions _connection = new();
    private readonly Argument<string> _topic = TopicOption.Argument("Topic on which a responder listens.");
    private readonly PayloadSource _payload;
    private readonly MessageOptions _message = new();
    private readonly OutputOptions _output = new("the payload as a line");
    private readonly Option<TimeSpan> _timeout = DurationOption.Create(
        "--timeout",
        "How long to wait for the response. Connecting may take as long, and 5 seconds at least.",
        TimeSpan.FromMilliseconds(1),
        TimeSpan.FromDays(1),
        TimeSpan.FromSeconds(10));

    private RequestCommand(Func<Stream> openInput) => _payload = new PayloadSource(openInput);

    /// <summary>Makes the command.</summary>
    /// <param name="openInput">Opens the standard input, for the payload <c>-</c>.</param>
    public static Command Create(Func<Stream> openInput) => new RequestCommand(openInput).Build();

    private Command Build()
    {
        var command = new Command("request", Description);
        _connection.AddRemoteTo(command);
        command.Arguments.Add(_topic);
        _payload.AddTo(command);
        _message.AddTo(command);
        command.Options.Add(_timeout);
        _output.AddTo(command);
        _connection.AddOptionsTo(command);
        command.SetAction((parse, cancellation) => MqttScionCommand.Program.GuardAsync(
            parse.InvocationConfiguration.Error, token => RunAsync(parse, token), cancellation));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        var payload = await _payload.ReadAsync(parse, cancellationToken).ConfigureAwait(false);
        var request = _message.Create(parse, parse.GetValue(_topic)!, payload);
        if (await MessageOptions.FindFaultAsync(parse, request).ConfigureAwait(false) is { } wrong)
            return wrong;
        var run = new ClientRun(_connection, parse, new RepeatedFaults(
            MostEqualFaults, "The request may have been delivered, and more than once."));
        await using var disposal = run.ConfigureAwait(false);
        var timeout = parse.GetValue(_timeout);
        await run.RunAsync(
            timeout > LeastConnectTime ? timeout : LeastConnectTime,
            run.ConnectAsync,
            late: () => "No connection came about",
            cancellationToken).ConfigureAwait(false);
        MqttApplicationMessage? response = null;
        await run.RunAsync(
            limit: null,
            async token => response = await run.Client.RequestAsync(request, timeout, token).ConfigureAwait(false),
            late: () => "No response came",
            cancellationToken).ConfigureAwait(false);
        var format = _output.Read(parse, hasTopic: false);
        var isRead = ResultOutput.Of(parse.InvocationConfiguration)
            .TryWrite(format.Render(response!, DateTimeOffset.UtcNow));
        return isRead ? ExitCode.Ok : ExitCode.OutputClosed;
    }
}
