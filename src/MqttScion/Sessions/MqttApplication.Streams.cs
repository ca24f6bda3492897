using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>
/// Which stream carries what. Messages of a topic share a stream; what a session keeps stays on the control stream,
/// for the server resumes nothing else.
/// </summary>
internal sealed partial class MqttApplication
{
    /// <summary>After so many streams that the server ended alone, their topics go to the control stream.</summary>
    private const int MostReplacements = 64;

    private const ulong NoError = 0;

    // All that are open, the control stream first.
    private readonly List<MqttStream> _streams = [];

    // The stream of each lane of the outbox; the first is the control stream's.
    private MqttStream[] _lanes = [];

    // Where the filters were last subscribed on this connection.
    private readonly Dictionary<string, (Subscription Subscription, MqttStream Stream)> _places = [];
    private bool _isSessionOfOther;
    private int _replacementCount;

    // The loop's while it enters: what is subscribed then goes out before what waits in the outbox.
    private volatile int _enteringThread;

    /// <summary>How many data streams the connection had when it was up; 0 when everything shares one stream.</summary>
    public int DataStreamCount { get; private set; }

    public void Subscribe(Subscription subscription) => Request(() => Place(subscription));

    public void Unsubscribe(string filter, long number) => Request(() => Displace(filter, number));

    private void OpenDataStreams()
    {
        while (DataStreamCount < _lanes.Length - 1
            && _control.Session.State == MqttSessionState.Connected // It may have ended while an authenticator ran.
            && TryOpenDataStream() is { } stream)
        {
            _lanes[++DataStreamCount] = stream;
        }
        // With fewer streams than were asked for, several lanes share one.
        for (var lane = DataStreamCount + 1; lane < _lanes.Length && DataStreamCount > 0; lane++)
        {
            _lanes[lane] = _lanes[1 + ((lane - 1) % DataStreamCount)];
        }
    }

    private MqttStream? TryOpenDataStream()
    {
        if (!_connection!.TryOpenStream(out var bytes))
        {
            return null;
        }
        var stream = new MqttStream(
            this, _control.Session.OpenDataStream(), _hub, _state.ReceiveMaximum, publishes: [], deliveries: [])
        {
            Bytes = bytes,
        };
        _streams.Add(stream);
        return stream;
    }

    private void Request(Action request)
    {
        if (_enteringThread == Environment.CurrentManagedThreadId)
        {
            request();
            return;
        }
        Post(_ => request());
    }

    private MqttStream StreamOf(MqttTopicFilter filter)
    {
        var isKept = filter.QualityOfServiceLevel >= (_state.KeepsSession
            ? MqttQualityOfServiceLevel.AtLeastOnce
            : MqttQualityOfServiceLevel.ExactlyOnce);
        return _lanes[isKept ? 0 : PublishLanes.LaneOf(filter.Topic, _lanes.Length)];
    }

    /// <summary>Subscribes on the stream of the filter.</summary>
    private void Place(Subscription subscription)
    {
        var topic = subscription.Filter.Topic;
        var stream = StreamOf(subscription.Filter);
        var former = _places.TryGetValue(topic, out var place) ? place.Stream
            : _isSessionOfOther ? _control
            : null;
        _places[topic] = (subscription, stream);
        stream.Requests.Enqueue(now =>
        {
            if (StreamOf(subscription.Filter) == stream)
            {
                Subscribe(subscription, stream, former == stream ? null : former, now);
            }
            else
            {
                Place(subscription); // Its QoS was raised meanwhile.
            }
        });
    }

    private void Subscribe(Subscription subscription, MqttStream stream, MqttStream? former, TimeSpan now)
    {
        var hasIdentifiers = _control.Session.ConnectResult?.SubscriptionIdentifiersAvailable == true;
        _steps.Clear();
        _hub.TakeSubscribes(subscription, hasIdentifiers, _steps);
        foreach (var step in _steps)
        {
            var token = stream.Session.Subscribe([step.Filter], hasIdentifiers ? step.Identifier : null, now);
            stream.Subscribes.Add(token, new StreamSubscribe(subscription, step, former));
        }
    }

    private void Displace(string filter, long number)
    {
        var stream = _places.Remove(filter, out var place) ? place.Stream : _control;
        stream.Requests.Enqueue(now =>
            stream.Unsubscribes.Add(stream.Session.Unsubscribe([filter], now), (filter, number)));
    }

    /// <summary>The filter has moved to another stream; the server would send its messages on both.</summary>
    private void LeaveFormer(StreamSubscribe asked)
    {
        if (asked is { Former: { } former, Step.Wanted: not null } && _streams.Contains(former))
        {
            former.Requests.Enqueue(now => former.Session.Unsubscribe([asked.Step.Filter.Topic], now));
        }
    }

    private void EndStreamsOfPeer(TimeSpan now)
    {
        for (var i = _streams.Count - 1; i > 0; i--)
        {
            if (_streams[i].IsEndedByPeer)
            {
                OnEndedByPeer(_streams[i], now);
            }
        }
    }

    /// <summary>The server ended a data stream alone, and keeps nothing of it: another takes its place.</summary>
    private void OnEndedByPeer(MqttStream stream, TimeSpan now)
    {
        _streams.Remove(stream);
        if (stream.Bytes!.IsReset)
        {
            stream.Bytes.Reset(NoError);
        }
        else
        {
            stream.Bytes.Finish();
        }
        stream.Session.OnTransportClosed("The server ended the stream.");
        DrainEvents(stream, now);
        if (_closeAt is null && !_hasEnded)
        {
            // One that never answered anything would be answered no better again.
            var next = stream.HasReceived && _replacementCount++ < MostReplacements ? TryOpenDataStream() : null;
            for (var lane = 1; lane < _lanes.Length; lane++)
            {
                _lanes[lane] = _lanes[lane] == stream ? next ?? _control : _lanes[lane];
            }
        }
        GiveBack(stream);
    }

    /// <summary>What a data stream leaves: its publishes are made anew, and its subscriptions are the server's no more.
    /// </summary>
    private void GiveBack(MqttStream stream)
    {
        foreach (var publish in stream.Publishes.Values)
        {
            _outbox.Return(publish);
        }
        stream.Publishes.Clear();
        foreach (var (subscription, _) in _places.Values.Where(p => p.Stream == stream).ToArray())
        {
            _places.Remove(subscription.Filter.Topic);
            _hub.OnLost(subscription);
        }
    }
}
