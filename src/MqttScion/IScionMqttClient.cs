using MqttScion.Mqtt;
using MqttScion.Scion;

namespace MqttScion;

/// <summary>An MQTT 5 client over QUIC, over SCION or plain IP. All members may be called from any thread.</summary>
public interface IScionMqttClient : IAsyncDisposable
{
    /// <summary>The connection's state: replays the latest, never fails, completes on dispose.</summary>
    IObservable<ConnectionState> ConnectionStates { get; }

    /// <summary>
    /// What happens to the SCION paths to the servers: replays the current set first, never fails, completes on dispose.
    /// Plain IP has no paths that could be told of: with no server on SCION it is empty.
    /// </summary>
    IObservable<PathEvent> Paths { get; }

    /// <summary>
    /// The connection's round trips, window, losses and counters: while somebody observes, after each interval of the
    /// options in which something changed, and at once on another path, after a key update and at the end of a
    /// connection. Replays the latest, never fails, completes on dispose.
    /// </summary>
    IObservable<ConnectionStatistics> Statistics { get; }

    /// <summary>
    /// Messages that came and were not handed over, and publishes that were given up (outbox full, expired) or refused
    /// while nobody awaited them: hot, never fails, completes on dispose.
    /// </summary>
    IObservable<MessageDropped> DroppedMessages { get; }

    /// <summary>Turns payloads into values and back.</summary>
    MqttPayloadSerializers Serializers { get; }

    /// <summary>
    /// Connects: path or host look-up, QUIC handshake with TLS, MQTT CONNECT. Afterwards a lost connection is made again
    /// by itself, until <see cref="DisconnectAsync"/> or dispose.
    /// </summary>
    /// <exception cref="PathLookupException">The path source can't be reached or gave no usable answer.</exception>
    /// <exception cref="NoPathException">No path leads to the server, or the policy allows none.</exception>
    /// <exception cref="HostUnreachableException">On plain IP: the host name is not known, or no route leads there.
    /// </exception>
    /// <exception cref="QuicConnectionException">The QUIC handshake failed or timed out; tells the TLS
    /// reason.</exception>
    /// <exception cref="MqttConnectRefusedException">The server answered the CONNECT with a failure code.</exception>
    /// <exception cref="InvalidOperationException">The client is connected or connecting already.</exception>
    Task<MqttClientConnectResult> ConnectAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Sends DISCONNECT, waits (bounded) until it is delivered, and closes. Does nothing when not connected.
    /// </summary>
    Task DisconnectAsync(
        MqttDisconnectReasonCode reason = MqttDisconnectReasonCode.NormalDisconnection,
        CancellationToken cancellationToken = default);

    /// <summary>
    /// Publishes a message. QoS 0 completes when the message is on its way, QoS 1 at PUBACK, QoS 2 at PUBCOMP; a
    /// publish that is pending when the connection is lost goes on with the next one.
    /// </summary>
    /// <remarks>
    /// <para>What happens while too many are pending, <c>OutboxOverflow</c> says. A refusal of the server is a result
    /// that is not a success, and so are the local ends: <c>MessageExpired</c> when the lifetime was over before the
    /// message could be sent, <c>OutboxFull</c> when it was dropped.</para>
    /// <para>When the server has lost the session, QoS 1 and QoS 2 messages whose PUBREC did not come are published
    /// anew. A QoS 2 message whose PUBREC had come is not, since the server has taken it: it completes with a local
    /// UnspecifiedError that says that the message may have been delivered.</para>
    /// <para>With an outbox store the message is stored before it is sent, and stays stored until it is answered: also
    /// when the token is cancelled or the client ends, which only end the wait.</para>
    /// </remarks>
    /// <exception cref="ArgumentException">The message breaks a rule of MQTT, or a limit that the server has told; the
    /// text names it.</exception>
    /// <exception cref="MqttOutboxFullException">The outbox is full and its policy is to fail.</exception>
    /// <exception cref="MqttNotConnectedException">
    /// <see cref="ConnectAsync"/> has not succeeded, or the client was disconnected before the message was
    /// acknowledged: a QoS 1 or 2 message may have been delivered.
    /// </exception>
    ValueTask<MqttClientPublishResult> PublishAsync(
        MqttApplicationMessage message,
        CancellationToken cancellationToken = default);

    /// <summary>
    /// Hands a message over to the outbox: completes when it is accepted, with an outbox store when it is durable. What
    /// becomes of it is told by <see cref="DroppedMessages"/> only, when it can't be delivered.
    /// </summary>
    /// <remarks>With an outbox store, QoS 1 and 2 messages are accepted without a connection too, and are sent by
    /// whichever process connects next with the same store.</remarks>
    /// <exception cref="ArgumentException">As for <see cref="PublishAsync"/>.</exception>
    /// <exception cref="MqttOutboxFullException">The outbox is full and its policy is to fail.</exception>
    /// <exception cref="MqttNotConnectedException">The message is not stored, and the client does not run.</exception>
    ValueTask EnqueueAsync(MqttApplicationMessage message, CancellationToken cancellationToken = default);

    /// <summary>Authenticates anew on the present connection, with the authenticator of the options.</summary>
    /// <exception cref="InvalidOperationException">There is no authenticator, or no connection.</exception>
    Task ReAuthenticateAsync(CancellationToken cancellationToken = default);

    /// <summary>The messages of a topic filter.</summary>
    /// <remarks>
    /// Cold to the caller, shared underneath: the first observer of a filter subscribes, the last disposal
    /// unsubscribes, a reconnect resubscribes silently. Before <see cref="ConnectAsync"/> it is remembered and sent at
    /// connect. A filter that the server refuses ends in <c>OnError</c> with <see
    /// cref="MqttSubscribeRefusedException"/>. Observers of a filter are called one after the other on a thread pool
    /// thread, never on the connection's loop. A QoS 1 or 2 message is acknowledged when every matching
    /// <c>OnNext</c> has returned; a QoS 2 message comes once, also when its connection is lost in between and the
    /// session is continued; acknowledgements leave in order of arrival, so one slow observer delays those of
    /// all. The same filter asked for with a different quality of service is subscribed with the higher one.
    /// </remarks>
    /// <exception cref="ArgumentException">The filter is not valid, or conflicts with the No Local or Retain options of
    /// the same filter that is in use.</exception>
    IObservable<MqttApplicationMessage> Messages(MqttTopicFilter filter);

    /// <summary>
    /// The messages of a topic filter with their payloads as values. A payload that the serializer can't read is
    /// reported in <see cref="DroppedMessages"/>, and the stream goes on.
    /// </summary>
    /// <exception cref="ArgumentException">As <see cref="Messages(MqttTopicFilter)"/>.</exception>
    /// <exception cref="InvalidOperationException">No serializer is registered for the type.</exception>
    IObservable<MqttMessage<T>> Messages<T>(MqttTopicFilter filter);

    /// <summary>Subscribes and completes at SUBACK.</summary>
    /// <exception cref="MqttSubscribeRefusedException">The server refused the filter.</exception>
    /// <exception cref="MqttNotConnectedException">The client is not connected.</exception>
    ValueTask<IMqttSubscription> SubscribeAsync(MqttTopicFilter filter, CancellationToken cancellationToken = default);

    /// <summary>Publishes a request and gives its response (MQTT 5 §4.10).</summary>
    /// <remarks>
    /// <para>The client chooses Response Topic and Correlation Data. The first request subscribes to a response topic
    /// at QoS 0 (see <c>ResponseTopicPrefix</c>), so a response comes at most once, and handlers that keep messages
    /// unacknowledged don't hold it up. A request without a Message Expiry Interval gets the timeout as its own: nobody
    /// acts on it when nobody waits any more.</para>
    /// <para>A connection that is lost and made again meanwhile does not end the wait; a response that was sent in
    /// between is lost. Responses that nobody waits for are reported in <see cref="DroppedMessages"/>.</para>
    /// </remarks>
    /// <param name="request">The request: without Response Topic, Correlation Data and Retain.</param>
    /// <param name="timeout">How long to wait; null for <c>RequestTimeout</c> of the options.</param>
    /// <param name="cancellationToken">Gives the request up.</param>
    /// <exception cref="TimeoutException">No response came in time.</exception>
    /// <exception cref="MqttRequestFailedException">The server refused the request, or (QoS 1 and 2) knows nobody who
    /// subscribes to its topic.</exception>
    /// <exception cref="MqttSubscribeRefusedException">The server refused the response topic.</exception>
    /// <exception cref="MqttNotConnectedException">The client is not connected, or was disconnected meanwhile.
    /// </exception>
    /// <exception cref="ArgumentException">As for <see cref="PublishAsync"/>.</exception>
    ValueTask<MqttApplicationMessage> RequestAsync(
        MqttApplicationMessage request,
        TimeSpan? timeout = null,
        CancellationToken cancellationToken = default);

    /// <summary>The messages of a filter that ask for a response: as <see cref="Messages(MqttTopicFilter)"/>. One
    /// without a Response Topic is reported in <see cref="DroppedMessages"/>.</summary>
    /// <example><code>
    /// client.Requests("plant/clock").SelectMany(r => Observable.FromAsync(() => r.RespondAsync(Now()).AsTask()))
    ///     .Subscribe();
    /// </code></example>
    /// <exception cref="ArgumentException">As <see cref="Messages(MqttTopicFilter)"/>.</exception>
    IObservable<MqttRequest> Requests(MqttTopicFilter filter);

    /// <summary>
    /// Filters and orders paths by another policy from now on, below a live connection too: paths that it doesn't allow
    /// are given up.
    /// </summary>
    /// <remarks>
    /// Replaces the policy of the options, <c>Acl</c> and <c>Sequence</c> included. When no path is allowed any more,
    /// the present one is used until it fails.
    /// </remarks>
    ValueTask UsePathPolicyAsync(IPathPolicy policy, CancellationToken cancellationToken = default);
}
