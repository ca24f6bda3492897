using System.Diagnostics.CodeAnalysis;
using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>
/// The requests of a client that wait for their responses. All share one response topic, which nobody can guess, and
/// are told apart by their correlation data. Any thread.
/// </summary>
internal sealed class Requester(
    IScionMqttClient client,
    ClientSettings settings,
    TimeProvider time,
    IDropReporter drops,
    Func<MqttClientConnectResult?> lastResult)
{
    private const string DefaultPrefix = "mqttscion/responses";

    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, TaskCompletionSource<MqttApplicationMessage>> _waiting = [];
    private readonly string _id = Guid.NewGuid().ToString("n");
    private Task<ResponseTopic>? _responses;
    private List<Task<ResponseTopic>> _retired = [];

    /// <summary>Publishes a request and waits for its response.</summary>
    public async ValueTask<MqttApplicationMessage> RequestAsync(
        MqttApplicationMessage request, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var limit = timeout ?? settings.Options.RequestTimeout;
        ThrowIfFaulty(request, limit);
        var correlation = Guid.NewGuid();
        var waiting = new TaskCompletionSource<MqttApplicationMessage>(
            TaskCreationOptions.RunContinuationsAsynchronously);
        using var deadline = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        lock (_gate)
        {
            _waiting.Add(correlation, waiting);
        }
        try
        {
            var responses = await OpenResponses().WaitAsync(either.Token).ConfigureAwait(false);
            _ = PublishAsync(Addressed(request, responses.Topic, correlation, limit), waiting, either.Token);
            return await waiting.Task.WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (
            deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"No response to the request on '{request.Topic}' came within {limit}.");
        }
        finally
        {
            await ForgetAsync(correlation).ConfigureAwait(false);
        }
    }

    /// <summary>No connection is coming: whoever waits is told.</summary>
    public void Fail(Exception error)
    {
        lock (_gate)
        {
            foreach (var waiting in _waiting.Values)
            {
                waiting.TrySetException(error);
                _ = waiting.Task.Exception; // Seen: the wait for the response topic ends first, with its own reason.
            }
        }
    }

    private static void ThrowIfFaulty(MqttApplicationMessage request, TimeSpan timeout)
    {
        if (request.ResponseTopic is not null || request.CorrelationData is not null)
        {
            throw new ArgumentException(
                "A request gets its Response Topic and Correlation Data from the client; the message has its own.",
                nameof(request));
        }
        if (request.Retain)
        {
            throw new ArgumentException("A request can't be retained: later subscribers would answer it again.",
                nameof(request));
        }
        if (timeout <= TimeSpan.Zero || timeout > ScionMqttClientOptions.LongestRequestTimeout)
        {
            throw new ArgumentOutOfRangeException(nameof(timeout), timeout,
                $"Expected a time above zero and at most {ScionMqttClientOptions.LongestRequestTimeout}.");
        }
    }

    private static MqttApplicationMessage Addressed(
        MqttApplicationMessage request, string responseTopic, Guid correlation, TimeSpan limit) => new()
        {
            Topic = request.Topic,
            Payload = request.Payload,
            QualityOfServiceLevel = request.QualityOfServiceLevel,
            ContentType = request.ContentType,
            PayloadFormatIndicator = request.PayloadFormatIndicator,
            UserProperties = request.UserProperties,
            TopicAlias = request.TopicAlias,
            ResponseTopic = responseTopic,
            CorrelationData = correlation.ToByteArray(),
            // Nobody waits any longer than that: a responder that comes back later must not act on it.
            MessageExpiryInterval = request.MessageExpiryInterval ?? (uint)Math.Ceiling(limit.TotalSeconds),
        };

    private async Task PublishAsync(
        MqttApplicationMessage request,
        TaskCompletionSource<MqttApplicationMessage> waiting,
        CancellationToken cancellationToken)
    {
        try
        {
            var result = await client.PublishAsync(request, cancellationToken).ConfigureAwait(false);
            if (!result.IsSuccess || result.ReasonCode == MqttClientPublishReasonCode.NoMatchingSubscribers)
            {
                waiting.TrySetException(new MqttRequestFailedException(request.Topic, result));
            }
        }
        catch (Exception e)
        {
            waiting.TrySetException(e); // To whoever awaits the response: the request was not sent.
            _ = waiting.Task.Exception; // Seen: the wait may have ended before.
        }
    }

    // One that failed to open, or that the server has ended since, is opened anew.
    private Task<ResponseTopic> OpenResponses()
    {
        var prefix = settings.Options.ResponseTopicPrefix ?? lastResult()?.ResponseInformation ?? DefaultPrefix;
        var topic = $"{prefix}/{_id}";
        lock (_gate)
        {
            if (_responses is { } present)
            {
                var isUsable = !present.IsCompleted
                    || (present.IsCompletedSuccessfully && !present.Result.HasEnded && present.Result.Topic == topic);
                if (isUsable)
                {
                    return present;
                }
                _retired.Add(present); // Responses to earlier requests may still come there.
            }
            return _responses = ResponseTopic.OpenAsync(client, topic, OnResponse);
        }
    }

    private async ValueTask ForgetAsync(Guid correlation)
    {
        List<Task<ResponseTopic>> unused;
        lock (_gate)
        {
            _waiting.Remove(correlation);
            if (_retired.Count == 0 || _waiting.Count > 0)
            {
                return;
            }
            (unused, _retired) = (_retired, []);
        }
        foreach (var responses in unused.Where(r => r.IsCompletedSuccessfully))
        {
            await responses.Result.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void OnResponse(MqttApplicationMessage response)
    {
        if (!TryTake(response, out var waiting) || !waiting.TrySetResult(response))
        {
            drops.Report(response.Topic, response, MessageDropReason.UnexpectedResponse);
        }
    }

    private bool TryTake(
        MqttApplicationMessage response,
        [MaybeNullWhen(false)] out TaskCompletionSource<MqttApplicationMessage> waiting)
    {
        waiting = null;
        if (response.CorrelationData is not { Length: 16 } correlation)
        {
            return false;
        }
        lock (_gate)
        {
            return _waiting.TryGetValue(new Guid(correlation), out waiting);
        }
    }
}
