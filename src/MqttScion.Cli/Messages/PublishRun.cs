using MqttScion.Mqtt;

namespace MqttScion.Cli;

/// <summary>Publishes messages in their order, some of them at once, and looks at the answers.</summary>
internal sealed class PublishRun(ClientRun run, bool isVerbose)
{
    private const int MaxInFlight = 64;

    private readonly Queue<(MqttApplicationMessage Message, Task<MqttClientPublishResult> Result)> _pending = new();

    /// <summary>How many messages were given.</summary>
    public int Added { get; private set; }

    /// <summary>How many of them the broker has taken.</summary>
    public int Acknowledged { get; private set; }

    /// <summary>Publishes a message, when there is room.</summary>
    /// <exception cref="CommandException">One before it was refused.</exception>
    public async Task AddAsync(MqttApplicationMessage message, CancellationToken cancellationToken)
    {
        while (_pending.Count >= MaxInFlight || _pending.TryPeek(out var first) && first.Result.IsCompleted)
            await TakeAsync().ConfigureAwait(false);
        Added++;
        _pending.Enqueue((message, run.Client.PublishAsync(message, cancellationToken).AsTask()));
    }

    /// <summary>The next line; while it is awaited, answers are looked at.</summary>
    public async Task<byte[]?> NextAsync(LineInput lines, CancellationToken cancellationToken)
    {
        var reading = lines.ReadAsync(cancellationToken);
        while (!reading.IsCompleted && _pending.TryPeek(out var first))
        {
            if (await Task.WhenAny(reading, first.Result).ConfigureAwait(false) == first.Result)
                await TakeAsync().ConfigureAwait(false);
        }
        return await reading.ConfigureAwait(false);
    }

    /// <summary>Waits for the answers that are left.</summary>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        while (_pending.Count > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await TakeAsync().ConfigureAwait(false);
        }
    }

    private async Task TakeAsync()
    {
        var (message, publishing) = _pending.Dequeue();
        var result = await publishing.ConfigureAwait(false);
        if (!result.IsSuccess)
        {
            var reason = string.IsNullOrEmpty(result.ReasonString) ? "" : $", '{result.ReasonString}'";
            throw new CommandException(
                $"The {(result.IsLocal ? "client" : "server")} refused the message to '{message.Topic}': "
                + $"{result.ReasonCode} (0x{(int)result.ReasonCode:x2}){reason}.");
        }
        Acknowledged++;
        run.Report.OnProgress();
        if (isVerbose)
            run.Report.Tell($"published to '{message.Topic}': {Outcome(message, result)}");
    }

    private static string Outcome(MqttApplicationMessage message, MqttClientPublishResult result) =>
        message.QualityOfServiceLevel == MqttQualityOfServiceLevel.AtMostOnce ? "sent (QoS 0 has no answer)"
        : result.ReasonCode == MqttClientPublishReasonCode.NoMatchingSubscribers
            ? "the broker took it; nobody subscribes to it"
        : "the broker took it";
}
