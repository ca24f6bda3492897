using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging.Abstractions;
using MqttScion.Mqtt;
using MqttScion.Quic;
using MqttScion.Udp;

namespace MqttScion.Tests.Support;

/// <summary>
/// A connection's application over streams of memory, turned by the test, and the server's side of its streams. Time
/// is virtual. What outlives a connection is kept for <see cref="Reconnect"/>.
/// </summary>
internal sealed class StreamedServer : IMqttTransport, IDropReporter
{
    private static readonly MqttEndPoint _server = MqttEndPoint.Parse("[1-ff00:0:110,127.0.0.1]:8883");

    private readonly ConcurrentQueue<ILoopWork> _posted = new();
    private readonly ClientSession _session;
    private bool _isDirty;
    private bool _isClosing;

    public StreamedServer(int dataStreams, TimeSpan? sessionExpiry = null, bool cleanStart = true)
    {
        var settings = TestSettings.With(o =>
        {
            o.DataStreams = dataStreams;
            o.CleanStart = cleanStart;
            o.MaxPendingPublishes = 1000;
            o.MaxQueuedMessages = 1000;
            o.MaxQueuedBytes = 1 << 20;
        }) with
        {
            Mqtt = new MqttSessionOptions
            {
                ClientId = "c",
                SessionExpiryInterval = sessionExpiry ?? TimeSpan.Zero,
            },
        };
        Outbox = new Outbox(settings, this, TimeProvider.System, NullLogger.Instance, notify: () => { });
        Hub = new SubscriptionHub(settings, this);
        _session = new ClientSession(settings, Outbox, TimeProvider.System);
        _session.Start();
        Application = null!;
    }

    /// <summary>How many streams the server allows.</summary>
    public int AllowedStreams { get; set; } = 100;

    public MqttApplication Application { get; private set; }

    public Outbox Outbox { get; }

    public SubscriptionHub Hub { get; }

    public TimeSpan Now { get; private set; } = TimeSpan.FromHours(1);

    public bool IsClosed { get; private set; }

    /// <summary>The streams of the connection in the order of their opening.</summary>
    public List<StreamedPackets> Streams { get; } = [];

    public StreamedPackets Control => Streams[0];

    public IEnumerable<StreamedPackets> Data => Streams.Skip(1);

    /// <summary>Makes a connection whose CONNECT was accepted.</summary>
    public StreamedServer Connect(Action<MqttProperties>? connAck = null, bool isSessionPresent = false)
    {
        Streams.Clear();
        (IsClosed, _isClosing) = (false, false);
        Application = new MqttApplication(_session, _server, Hub, Outbox, statistics: null);
        Application.Attach(this, Now);
        Application.OnEvent(new QuicEvent(QuicEventKind.HandshakeCompleted), Now);
        Turn();
        Control.Take<MqttConnectPacket>();
        var properties = new MqttProperties();
        connAck?.Invoke(properties);
        Control.Say(new MqttConnAckPacket(isSessionPresent, 0, properties));
        Turn();
        return this;
    }

    /// <summary>Ends the connection, and makes another in the same session.</summary>
    public StreamedServer Reconnect(bool isSessionPresent)
    {
        Application.OnLoopEnded(new InvalidOperationException("The connection was lost."));
        return Connect(isSessionPresent: isSessionPresent);
    }

    /// <summary>Does all that there is to do now.</summary>
    public void Turn()
    {
        _isDirty = true;
        while (_isDirty || !_posted.IsEmpty)
        {
            while (_posted.TryDequeue(out var work))
            {
                work.Run(Now);
            }
            if (Application.NextTimeout <= Now)
            {
                Application.OnTimeout(Now);
            }
            _isDirty = false;
            Application.Pump(Now);
            if (_isClosing && !IsClosed)
            {
                IsClosed = true;
                Application.OnLoopEnded(new ObjectDisposedException("The connection was closed."));
            }
        }
    }

    /// <summary>Turns until work that other threads post was done.</summary>
    public async Task TurnUntilAsync(Func<bool> isDone)
    {
        for (var end = DateTime.UtcNow + ScriptedConnection.Patience; !isDone();)
        {
            DateTime.UtcNow.Should().BeBefore(end, "what is waited for should have come");
            await Task.Yield();
            Turn();
        }
    }

    public void Advance(TimeSpan time)
    {
        Now += time;
        Turn();
    }

    /// <summary>Publishes, and gives the task of the result.</summary>
    public Task<MqttClientPublishResult> Publish(string topic, string payload, int qos = 1) =>
        Publish(Messages.Of(topic, payload, qos));

    public Task<MqttClientPublishResult> Publish(MqttApplicationMessage message)
    {
        var adding = Outbox.AddAsync(message, isAwaited: true, default).AsTask();
        adding.IsCompleted.Should().BeTrue("the outbox should have room");
        Turn();
        return adding.Result.AsValueTask().AsTask();
    }

    /// <summary>The data stream on which a topic is published, found by publishing on it with QoS 0.</summary>
    public StreamedPackets StreamOf(string topic)
    {
        _ = Publish(topic, "probe", qos: 0);
        return Data.Single(s => s.Packets().OfType<MqttPublishPacket>().Any(p => p.Message.Topic == topic));
    }

    /// <summary>Two topics whose streams are not the same.</summary>
    public (string First, string Second) TwoTopics()
    {
        var first = StreamOf("t/0");
        var other = Enumerable.Range(1, 1000).Select(i => $"t/{i}").First(t => StreamOf(t) != first);
        return ("t/0", other);
    }

    bool IMqttTransport.Post(ILoopWork work)
    {
        _posted.Enqueue(work);
        return true;
    }

    void IMqttTransport.MarkDirty() => _isDirty = true;

    bool IMqttTransport.TryOpenStream([NotNullWhen(true)] out IMqttStream? stream)
    {
        stream = null;
        if (Streams.Count < AllowedStreams)
        {
            Streams.Add(new StreamedPackets(this));
            stream = Streams[^1];
        }
        return stream is not null;
    }

    void IMqttTransport.Close(TimeSpan now) => _isClosing = true;

    void IDropReporter.Report(string? filter, MqttApplicationMessage message, MessageDropReason reason,
        Exception? error, MqttClientPublishResult? result) =>
        throw new InvalidOperationException($"'{message.Topic}' was dropped: {reason}.");

    void IDropReporter.ReportFailure(string filter, Exception error) => throw error;
}
