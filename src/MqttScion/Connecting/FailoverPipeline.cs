using Polly;
using Polly.Retry;

namespace MqttScion;

/// <summary>The Polly pipeline that makes a lost connection again.</summary>
internal static class FailoverPipeline
{
    /// <summary>
    /// Builds the user's pipeline, or the default: retries for ever with exponential back-off and jitter, after a
    /// refusal with the longest delay, unless the client is to give up then.
    /// </summary>
    /// <param name="settings">Delays, and the user's pipeline.</param>
    /// <param name="time">The clock of all strategies.</param>
    /// <param name="onRetry">Told before each wait of the default pipeline: the failure and the delay.</param>
    public static ResiliencePipeline Build(
        ClientSettings settings,
        TimeProvider time,
        Action<Exception, TimeSpan> onRetry)
    {
        var builder = new ResiliencePipelineBuilder { TimeProvider = time };
        if (settings.Options.Failover is not null)
        {
            settings.Options.Failover(builder);
            return builder.Build();
        }
        return builder
            .AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = int.MaxValue,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = settings.Options.ReconnectDelay,
                MaxDelay = settings.Options.MaxReconnectDelay,
                DelayGenerator = arguments => ValueTask.FromResult<TimeSpan?>(
                    ConnectFailures.IsRefusal(arguments.Outcome.Exception!) ? LossRun.Longest(settings) : null),
                ShouldHandle = new PredicateBuilder().Handle<Exception>(
                    e => e is not OperationCanceledException && !IsFinal(e, settings)),
                OnRetry = arguments =>
                {
                    onRetry(arguments.Outcome.Exception!, arguments.RetryDelay);
                    return ValueTask.CompletedTask;
                },
            })
            .Build();
    }

    /// <summary>True when the client gives up after a failure.</summary>
    public static bool IsFinal(Exception e, ClientSettings settings) =>
        settings.Options.OnRefusal == RefusalAction.Stop && ConnectFailures.IsRefusal(e);
}
