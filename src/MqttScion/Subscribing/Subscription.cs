using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>
/// One topic filter of this client, its consumers, and what was asked of the server. Guarded by the hub's lock.
/// </summary>
/// <remarks>
/// Each SUBSCRIBE of a filter that is to bring retained messages has a generation, and the generation is in the
/// subscription identifier: so a retained message tells for which consumers it was sent.
/// </remarks>
internal sealed class Subscription(uint number, MqttTopicFilter filter)
{
    /// <summary>How many generations an identifier tells apart.</summary>
    public const int GenerationCount = 16;

    // The generations whose messages with RETAIN are replays, one bit each; only with Retain As Published not all.
    private int _replays;
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource<MqttClientSubscribeResult> _answer = NewAnswer();

    /// <summary>Its number among the filters of this client.</summary>
    public uint Number => number;

    /// <summary>What is subscribed: the highest quality of service that was asked for.</summary>
    public MqttTopicFilter Filter { get; set; } = filter;

    /// <summary>The filter as the server last granted it; null when it has not, or when more is wanted.</summary>
    public MqttTopicFilter? Granted { get; set; }

    /// <summary>True once a SUBSCRIBE was asked for on some connection, here or by one before it.</summary>
    public bool WasSent { get; set; }

    /// <summary>True while the server's session holds the subscription.</summary>
    public bool IsOnServer { get; set; }

    /// <summary>True while a SUBSCRIBE that was asked for has not been written.</summary>
    public bool IsPending { get; set; }

    /// <summary>True while no SUBSCRIBE of the newest generation was written.</summary>
    public bool IsUnsent { get; set; } = true;

    /// <summary>True when the next SUBSCRIBE is to bring retained messages for who came late.</summary>
    public bool WantsReplay { get; set; }

    /// <summary>The generation of the newest SUBSCRIBE.</summary>
    public int Generation { get; set; }

    /// <summary>The newest generation that the server has answered.</summary>
    public int GrantedGeneration { get; set; }

    /// <summary>How many consumers and handles keep it.</summary>
    public int HolderCount { get; set; }

    /// <summary>The message that it was last found for, by its number.</summary>
    public long LastMatch { get; set; }

    /// <summary>The consumers, in the order in which they came.</summary>
    public List<Recipient> Recipients { get; } = [];

    /// <summary>True once there was a consumer; before, messages wait for it.</summary>
    public bool HasHadRecipient { get; set; }

    /// <summary>True while messages wait for a consumer: for the first, or for one after the last.</summary>
    public bool Holds => !HasHadRecipient || IsLingering;

    /// <summary>True after the last consumer went, as long as another may come in its place.</summary>
    public bool IsLingering { get; set; }

    /// <summary>The time that runs until nobody is waited for any more; null for none.</summary>
    public ITimer? Lingering { get; set; }

    /// <summary>The messages that wait for a consumer.</summary>
    public LinkedList<HeldMessage> Held { get; } = [];

    /// <summary>How many of them are QoS 0.</summary>
    public int HeldCount { get; set; }

    /// <summary>How many bytes of payload those of QoS 0 have.</summary>
    public long HeldBytes { get; set; }

    /// <summary>Which retained messages a server that does not hold the filter is to send: those that any consumer
    /// wants.</summary>
    public MqttRetainHandling WantedRetained => Recipients.Count == 0
        ? Filter.RetainHandling
        : Recipients.Min(recipient => recipient.RetainHandling);

    /// <summary>The server's answer, or the exception that stands for it.</summary>
    public Task<MqttClientSubscribeResult> Answer => _answer.Task;

    /// <summary>Completes when it is over; fails when the server refused it.</summary>
    public Task Completion => _completion.Task;

    /// <summary>The subscription identifier of the newest SUBSCRIBE.</summary>
    public uint Identifier => (number * GenerationCount) + (uint)(Generation % GenerationCount);

    /// <summary>The answer came.</summary>
    public void SetAnswer(MqttClientSubscribeResult result) => _answer.TrySetResult(result);

    /// <summary>There will be no answer.</summary>
    public void SetAnswer(Exception error)
    {
        _answer.TrySetException(error);
        _ = _answer.Task.Exception; // Seen: nobody need be waiting for it.
    }

    /// <summary>It is over.</summary>
    public void End(Exception? error)
    {
        SetAnswer(error ?? new ObjectDisposedException(nameof(ScionMqttClient)));
        if (error is null)
        {
            _completion.TrySetResult();
        }
        else
        {
            _completion.TrySetException(error);
            _ = _completion.Task.Exception; // Seen: nobody need be waiting for it.
        }
    }

    /// <summary>A new SUBSCRIBE is on its way, and with it a new answer.</summary>
    public void RenewAnswer()
    {
        if (_answer.Task.IsCompleted)
        {
            _answer = NewAnswer();
        }
    }

    /// <summary>The next generation, which is a replay or goes on with live messages.</summary>
    public void NextGeneration(bool isReplay)
    {
        Generation++;
        IsUnsent = true;
        var bit = 1 << (Generation % GenerationCount);
        _replays = isReplay ? _replays | bit : _replays & ~bit;
    }

    /// <summary>The newest generation is not only a replay after all.</summary>
    public void MarkLive() => _replays &= ~(1 << (Generation % GenerationCount));

    /// <summary>True when a consumer is to get a message that came with a generation; negative when none came.
    /// </summary>
    public bool IsFor(Recipient recipient, bool isRetained, int generation)
    {
        if (!isRetained)
        {
            return true;
        }
        if (Filter.RetainAsPublished && (generation < 0 || (_replays & (1 << generation)) == 0))
        {
            return true; // It may be a live message, which is for all.
        }
        if (recipient.Generation < 0)
        {
            return false;
        }
        return generation < 0
            ? recipient.Generation >= GrantedGeneration
            : recipient.Generation % GenerationCount == generation
                && Generation - recipient.Generation < GenerationCount;
    }

    private static TaskCompletionSource<MqttClientSubscribeResult> NewAnswer() =>
        new(TaskCreationOptions.RunContinuationsAsynchronously);
}
