using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using MqttScion.Mqtt;

namespace MqttScion.Tests.Support;

/// <summary>
/// A connection without a network: remembers what goes to the server, in words, and answers when a test says so.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The semaphore holds nothing while nobody asks for its handle.")]
internal sealed class FakeLink(SubscriptionHub hub, bool hasIdentifiers = true)
    : ISubscriptionLink, IDeliverySource
{
    private readonly ConcurrentQueue<(Subscription? Subscription, string? Filter, long Number)> _asked = new();
    private readonly List<string> _wire = [];
    private readonly Queue<(Subscription Subscription, SubscribeStep Step)> _written = new();
    private readonly Queue<(string Filter, long Number)> _unsubscribes = new();
    private readonly SemaphoreSlim _answered = new(0);
    private ushort _lastPacketId;

    /// <summary>What was asked for so far, written, in words.</summary>
    public IReadOnlyList<string> Wire
    {
        get
        {
            Write();
            return _wire;
        }
    }

    /// <summary>The identifiers of the SUBSCRIBEs that were written.</summary>
    public List<uint> Identifiers { get; } = [];

    /// <summary>The answers: packet identifier and reason code.</summary>
    public ConcurrentQueue<(ushort PacketId, MqttClientPublishReasonCode Reason)> Answers { get; } = new();

    public ConcurrentQueue<MqttScion.Delivery> GivenBack { get; } = new();

    public bool IsGone { get; set; }

    public void Subscribe(Subscription subscription) => _asked.Enqueue((subscription, null, 0));

    public void Unsubscribe(string filter, long number) => _asked.Enqueue((null, filter, number));

    public void Acknowledge(MqttScion.Delivery delivery)
    {
        Answers.Enqueue((delivery.PacketId, delivery.Answer));
        _answered.Release();
    }

    public void GiveBack(MqttScion.Delivery delivery)
    {
        GivenBack.Enqueue(delivery);
        _answered.Release();
    }

    /// <summary>Writes what was asked for.</summary>
    public void Write()
    {
        while (_asked.TryDequeue(out var asked))
        {
            if (asked.Filter is { } left)
            {
                _unsubscribes.Enqueue((left, asked.Number));
                _wire.Add($"UNSUBSCRIBE {left}");
                continue;
            }
            var steps = new List<SubscribeStep>();
            hub.TakeSubscribes(asked.Subscription!, hasIdentifiers, steps);
            foreach (var step in steps)
            {
                _written.Enqueue((asked.Subscription!, step));
                Identifiers.Add(step.Identifier);
                var filter = step.Filter;
                _wire.Add($"SUBSCRIBE {filter.Topic} QoS {(int)filter.QualityOfServiceLevel} "
                    + $"{filter.RetainHandling}{(filter.RetainAsPublished ? " RAP" : "")}");
            }
        }
    }

    /// <summary>Writes, and answers everything.</summary>
    public void Grant(MqttClientSubscribeResultCode code = MqttClientSubscribeResultCode.GrantedQoS1)
    {
        Write();
        while (_written.TryDequeue(out var written))
        {
            hub.OnSubscribed(written.Subscription, written.Step, new MqttClientSubscribeResult
            {
                Items = [new MqttClientSubscribeResultItem(written.Step.Filter, code)],
            });
        }
    }

    /// <summary>Waits for answers to messages.</summary>
    public async Task WhenAnsweredAsync(int count)
    {
        while (Answers.Count < count)
        {
            (await _answered.WaitAsync(ScriptedConnection.Patience)).Should().BeTrue();
        }
    }

    /// <summary>Waits until a message is given back.</summary>
    public async Task WhenGivenBackAsync()
    {
        while (GivenBack.IsEmpty)
        {
            (await _answered.WaitAsync(ScriptedConnection.Patience)).Should().BeTrue();
        }
    }

    /// <summary>Answers the oldest UNSUBSCRIBE that is not answered; false when there is none.</summary>
    public bool AnswerUnsubscribe()
    {
        Write();
        if (!_unsubscribes.TryDequeue(out var unsubscribe))
        {
            return false;
        }
        hub.OnUnsubscribed(unsubscribe.Filter, unsubscribe.Number);
        return true;
    }

    /// <summary>A message comes; the packet identifier of QoS 1 is the result.</summary>
    public ushort Say(string topic, string payload, int qos = 0, bool retain = false, params uint[] identifiers)
    {
        var message = new MqttApplicationMessage
        {
            Topic = topic,
            Payload = System.Text.Encoding.UTF8.GetBytes(payload),
            QualityOfServiceLevel = (MqttQualityOfServiceLevel)qos,
            Retain = retain,
            SubscriptionIdentifiers = identifiers,
        };
        MqttScion.Delivery? delivery = null;
        if (qos > 0)
        {
            delivery = new MqttScion.Delivery(hub);
            delivery.Begin(this, message, ++_lastPacketId);
        }
        hub.OnMessage(message, delivery);
        return delivery?.PacketId ?? 0;
    }
}
