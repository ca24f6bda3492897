using MqttScion.Mqtt;
using MqttScion.Scion;

namespace MqttScion;

/// <summary>An MQTT 5 client over QUIC, over SCION or plain IP. All members may be called from any thread.</summary>
public interface IScionMqttClient : IAsyncDisposable
{
    /// <summary>The connection's state: replays the latest, never fails, completes on dispose.</summary>
    IObservable<ConnectionState> ConnectionStates { get; }

    /// <summary>True while the state is Connected.</summary>
    bool IsConnected { get; }

    /// <summary>
    /// What happens to the SCION paths to the servers: replays the current set first, never fails, completes on
    /// dispose. Plain IP has no paths that could be told of: with no server on SCION it is empty.
    /// </summary>
    IObservable<PathEvent> Paths { get; }

    /// <summary>
    /// The connection's round trips, window, losses and counters: while somebody observes, after each interval of the
    /// options in which something changed, and at once on another path, after a key update and at the end of a
    /// connection. Replays the latest, never fails, completes on dispose.
    /// </summary>
    IObservable<ConnectionStatistics> Statistics { get; }

    /// <summary>
    /// Messages that came and were not handed over, and publishes that were given up (outbox full, expired), refused or
    /// lost with the connection's end while nobody awaited them: hot, never fails, completes on dispose.
    /// </summary>
    IObservable<MessageDropped> DroppedMessages { get; }

    /// <summary>Turns payloads into values and back.</summary>
    MqttPayloadSerializers Serializers { get; }

    /// <summary>
    /// Connects: path or host look-up, QUIC handshake with TLS, MQTT CONNECT. One attempt, over all servers: when it
    /// fails, this throws and nothing more is tried, unless <see cref="ScionMqttClientOptions.RetryFirstConnect"/> is
    /// on: then it tries until it is connected or the token ends. Afterwards a lost connection is made again by itself,
    /// until <see cref="DisconnectAsync"/> or dispose; <see cref="ScionMqttClientOptions.OnRefusal"/> says what a
    /// refusal does.
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
    /// <exception cref="InvalidOperationException">There is no authenticator.</exception>
    /// <exception cref="MqttNotConnectedException">There is no connection.</exception>
    Task ReAuthenticateAsync(CancellationToken cancellationToken = default);

    /// <summary>The messages of a topic filter, pushed; a filter made from a string is subscribed at least once (QoS
    /// 1). Pass <c>onError</c>: it tells of a refused filter, and of your own exception, after which the observer gets
    /// nothing more. Work that can fail or takes long belongs into <see cref="SubscribeAsync(MqttTopicFilter,
    /// Func{MqttDelivery, CancellationToken, ValueTask}, CancellationToken)"/>, whose handler stays.</summary>
    /// <remarks>
    /// <para>Cold to the caller, shared underneath: the first observer of a filter subscribes, the last disposal
    /// unsubscribes (in a kept session after <see cref="ScionMqttClientOptions.UnsubscribeDelay"/>), a reconnect
    /// resubscribes silently. Before <see cref="ConnectAsync"/> it is remembered and sent at connect. The same filter
    /// asked for with a different quality of service is subscribed with the higher one. A filter that the server
    /// refuses ends in <c>OnError</c> with <see cref="MqttSubscribeRefusedException"/>, and is logged as an error when
    /// the observer has none; disposing the client completes, and who observes after that is completed at once.</para>
    /// <para>A late observer gets the retained messages: SUBSCRIBE is sent again for it, unless its filter's Retain
    /// Handling says otherwise, and they reach only the observers that it was sent for. When a server has lost the
    /// session, all get what is retained then. Without subscription identifiers an observer that came just before can
    /// get some twice, and with Retain As Published all do.</para>
    /// <para>Each observer has a queue of its own and is called one message at a time, in order, on a thread pool
    /// thread, never on the connection's loop. Overlapping filters reach each observer once. (Not with a server that
    /// has no subscription identifiers and sends one copy for each subscription: see <see
    /// cref="ScionMqttClientOptions.ServerSendsCopyPerSubscription"/>.)</para>
    /// <para>Acknowledged means handed over: a QoS 1 or 2 message is acknowledged when every matching <c>OnNext</c> has
    /// returned, unless the options drop. Acknowledgements leave in order of arrival, so one slow observer delays those
    /// of all. A message comes once although its connection is lost before it was acknowledged, if the session is
    /// continued; of QoS 1 it may come again when the acknowledgement itself was lost. Work that is awaited belongs
    /// into a handler or a reader.</para>
    /// <para>An observer that throws is detached, and reported in <see cref="DroppedMessages"/> and the log; its own
    /// <c>OnError</c> gets the exception, unless operators of Rx stand in between: those have closed the chain by then.
    /// When nobody else took the message, <see cref="ScionMqttClientOptions.OnObserverFailure"/> says what becomes of
    /// it.</para>
    /// <para>What waits unread for an observer that is disposed is acknowledged, and reported when nobody else took it;
    /// in a kept session, for a shared filter, and while the host stops, it waits for the next observer or stays with
    /// the session: see <see cref="ScionMqttClientOptions.UnsubscribeDelay"/>.</para>
    /// </remarks>
    /// <param name="filter">The filter.</param>
    /// <param name="options">How messages wait for the observer; null for the client's bounds.</param>
    /// <exception cref="ArgumentException">The filter or the options are not valid, or the server has told that it does
    /// not take such a filter: the text names the rule. Or the filter conflicts with the No Local or Retain As
    /// Published options of the same filter that is in use.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    IObservable<MqttApplicationMessage> Messages(MqttTopicFilter filter, MqttDeliveryOptions? options = null);

    /// <summary>
    /// The messages of a topic filter with their payloads as values; a filter made from a string is subscribed at least
    /// once. A payload that the serializer can't read is
    /// reported in <see cref="DroppedMessages"/>, and the stream goes on.
    /// </summary>
    /// <param name="filter">The filter.</param>
    /// <param name="options">How messages wait for the observer; null for the client's bounds.</param>
    /// <exception cref="ArgumentException">As <see cref="Messages(MqttTopicFilter, MqttDeliveryOptions)"/>.</exception>
    /// <exception cref="InvalidOperationException">No serializer is registered for the type.</exception>
    IObservable<MqttMessage<T>> Messages<T>(MqttTopicFilter filter, MqttDeliveryOptions? options = null);

    /// <summary>Subscribes and completes at SUBACK; a filter made from a string at least once (QoS 1).</summary>
    /// <exception cref="ArgumentException">As <see cref="Messages(MqttTopicFilter, MqttDeliveryOptions)"/>.</exception>
    /// <exception cref="MqttSubscribeRefusedException">The server refused the filter.</exception>
    /// <exception cref="MqttNotConnectedException">The client is not connected.</exception>
    ValueTask<IMqttSubscription> SubscribeAsync(MqttTopicFilter filter, CancellationToken cancellationToken = default);

    /// <summary>
    /// Takes a filter out of the server's session and completes at UNSUBACK: one that nobody uses here, or that an
    /// earlier process left in a kept session. Consumers of this client end with their own disposal instead, which
    /// unsubscribes after <see cref="ScionMqttClientOptions.UnsubscribeDelay"/> in a kept session; this does so at
    /// once, and what waits for the next consumer is given up.
    /// </summary>
    /// <param name="filter">The topic filter.</param>
    /// <param name="cancellationToken">Gives up waiting; the UNSUBSCRIBE is sent all the same.</param>
    /// <exception cref="ArgumentException">The filter is not valid; the text names the rule.</exception>
    /// <exception cref="InvalidOperationException">A consumer of this client uses the filter.</exception>
    /// <exception cref="MqttNotConnectedException">The client is not connected, or was disconnected meanwhile.
    /// </exception>
    ValueTask<MqttClientUnsubscribeResult> UnsubscribeAsync(
        string filter, CancellationToken cancellationToken = default);

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

    /// <summary>
    /// The messages of a filter that ask for a response: as <see
    /// cref="Messages(MqttTopicFilter, MqttDeliveryOptions)"/>. One without a Response Topic is reported in <see
    /// cref="DroppedMessages"/>.
    /// </summary>
    /// <remarks>Whoever answers every request had better use <c>Requests(filter, handler)</c> of <see
    /// cref="ResponderExtensions"/>, which answers or reports each by itself. Here a request that throws ends the
    /// stream, unless each is caught by itself, as in the example.</remarks>
    /// <example><code>
    /// client.Requests("plant/clock")
    ///     .SelectMany(r => Observable.FromAsync(() => r.RespondAsync(Now()).AsTask())
    ///         .Catch((Exception e) => { log.LogWarning(e, "not answered"); return Observable.Empty&lt;
    ///             MqttClientPublishResult&gt;(); }))
    ///     .Subscribe(_ => { }, e => log.LogError(e, "the responder has ended"));
    /// </code></example>
    /// <exception cref="ArgumentException">As <see cref="Messages(MqttTopicFilter, MqttDeliveryOptions)"/>.</exception>
    IObservable<MqttRequest> Requests(MqttTopicFilter filter);

    /// <summary>
    /// Subscribes with a handler, and completes at SUBACK; a filter made from a string at least once (QoS 1). Messages
    /// are handled one at a time, in order, on the thread pool; a QoS 1 or 2 message is acknowledged when the handler's
    /// task ends.
    /// </summary>
    /// <remarks>
    /// A handler may publish, await and subscribe, and may dispose its own subscription; it may be called before this
    /// method has completed. While it is busy, QoS 1 and 2 messages wait unacknowledged, and with Receive Maximum of
    /// them the server sends no more to this client, except QoS 0. A handler that throws is reported and stays; <see
    /// cref="ScionMqttClientOptions.OnObserverFailure"/> says what becomes of the message when nobody else took it. The
    /// token is cancelled when the subscription or the client is disposed; one that ends with <see
    /// cref="OperationCanceledException"/> then has not had its message, which waits for the next consumer or stays
    /// with the session where that is kept, and one that ends well has it acknowledged.
    /// </remarks>
    /// <param name="filter">The filter.</param>
    /// <param name="handler">Called for each message.</param>
    /// <param name="cancellationToken">Gives up waiting for the SUBACK.</param>
    /// <exception cref="ArgumentException">As <see cref="Messages(MqttTopicFilter, MqttDeliveryOptions)"/>.</exception>
    /// <exception cref="MqttSubscribeRefusedException">The server refused the filter.</exception>
    /// <exception cref="MqttNotConnectedException">The client is not connected.</exception>
    ValueTask<IMqttSubscription> SubscribeAsync(
        MqttTopicFilter filter,
        Func<MqttDelivery, CancellationToken, ValueTask> handler,
        CancellationToken cancellationToken = default);

    /// <inheritdoc cref="SubscribeAsync(MqttTopicFilter, Func{MqttDelivery, CancellationToken, ValueTask},
    /// CancellationToken)"/>
    /// <param name="filter">The filter.</param>
    /// <param name="handler">Called for each message.</param>
    /// <param name="options">How messages wait for the handler.</param>
    /// <param name="cancellationToken">Gives up waiting for the SUBACK.</param>
    ValueTask<IMqttSubscription> SubscribeAsync(
        MqttTopicFilter filter,
        Func<MqttDelivery, CancellationToken, ValueTask> handler,
        MqttDeliveryOptions options,
        CancellationToken cancellationToken = default);

    /// <summary>
    /// The messages of a topic filter, pulled, each to be acknowledged by the reader; a filter made from a string at
    /// least once (QoS 1). Each enumeration is a consumer of its own, and subscribes when it begins.
    /// </summary>
    /// <remarks>
    /// <para>QoS 1 and 2 messages that are not read or not acknowledged are not acknowledged to the server, which sends
    /// no more than Receive Maximum of them to this client; QoS 0 messages wait within the queue's bound, and are
    /// dropped and reported beyond it. A lost connection that is made again is not noticed.</para>
    /// <para>It ends with <see cref="MqttSubscribeRefusedException"/> when the server refuses the filter, with <see
    /// cref="MqttNotConnectedException"/> when the client's connection ends for good (a disconnect, a first connect
    /// that fails), with <see cref="OperationCanceledException"/> at the token, and in order when the client is
    /// disposed. What came before is read first, except at the token.</para>
    /// <para>When the enumeration ends in a kept session, with a shared filter, or while the host stops, what it did
    /// not give or the reader did not acknowledge waits, unanswered and in order, for the next consumer of the filter
    /// (see
    /// <see cref="ScionMqttClientOptions.UnsubscribeDelay"/>); the reader may still acknowledge what it has in hand. A
    /// disconnect leaves it to the session, which brings it again.</para>
    /// <para>Otherwise, or when that time is over, messages that it gave and that are not acknowledged were not handed
    /// over: they are reported, and <see cref="ScionMqttClientOptions.OnObserverFailure"/> says what becomes of them
    /// when nobody else took them. Those that it did not give are answered with 0x80, and reported.
    /// When the connection is gone by then, none is answered: a server that keeps the session sends them again.</para>
    /// </remarks>
    /// <param name="filter">The filter.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <exception cref="ArgumentException">As <see cref="Messages(MqttTopicFilter, MqttDeliveryOptions)"/>.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    IAsyncEnumerable<MqttDelivery> ReadMessagesAsync(
        MqttTopicFilter filter,
        CancellationToken cancellationToken = default);

    /// <inheritdoc cref="ReadMessagesAsync(MqttTopicFilter, CancellationToken)"/>
    /// <param name="filter">The filter.</param>
    /// <param name="options">How messages wait for the reader.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    IAsyncEnumerable<MqttDelivery> ReadMessagesAsync(
        MqttTopicFilter filter,
        MqttDeliveryOptions options,
        CancellationToken cancellationToken = default);

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
