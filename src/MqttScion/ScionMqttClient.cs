using System.Reactive.Linq;
using System.Reactive.Subjects;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MqttScion.Mqtt;
using MqttScion.Scion;

namespace MqttScion;

/// <summary>
/// The MQTT 5 client: remembers subscriptions and pending publishes across connections, and leaves the connection
/// itself to its reconnect loop.
/// </summary>
public sealed partial class ScionMqttClient : IScionMqttClient, IDisposable, IDropReporter
{
    // What an observer of DroppedMessages may leave waiting beside all that an outbox can hold.
    private const int MostWaitingReports = 4096;

    private static readonly TimeSpan _disposeTimeout = TimeSpan.FromSeconds(10);

    private readonly BehaviorSubject<ConnectionState> _states = new(new ConnectionState.Disconnected());
    private readonly Subject<MessageDropped> _dropped = new();
    private readonly StatisticsFeed _statistics;
    private readonly QuicDialer _dialer;
    private readonly SubscriptionHub _hub;
    private readonly ClientSettings _settings;
    private readonly ClientSession _session;
    private readonly Outbox _outbox;
    private readonly ReconnectLoop _loop;
    private readonly Requester _requester;
    private readonly ILogger _log;
    private readonly TaskCompletionSource _disposal = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _droppedCount;
    private int _disposed;

    /// <summary>Makes a client; nothing is sent before <see cref="ConnectAsync"/>.</summary>
    /// <param name="options">Checked and copied.</param>
    /// <param name="loggers">Where to log; null for nowhere.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <exception cref="ArgumentException">An option is missing or out of range; the text names each.</exception>
    public ScionMqttClient(ScionMqttClientOptions options, ILoggerFactory? loggers = null, TimeProvider? time = null)
        : this(options, loggers, time, metrics: null, name: "")
    {
    }

    /// <param name="options">Checked and copied.</param>
    /// <param name="loggers">Where to log; null for nowhere.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <param name="metrics">The instruments; null for those of clients that no container made.</param>
    /// <param name="name">The name of a named client: its measurements and log category carry it; else empty.</param>
    /// <param name="connect">Makes what makes the connections; null for QUIC.</param>
    internal ScionMqttClient(
        ScionMqttClientOptions options,
        ILoggerFactory? loggers,
        TimeProvider? time,
        MqttMetrics? metrics,
        string name,
        Func<ClientParts, IClientConnector>? connect = null)
    {
        var settings = _settings = ClientSettings.From(options, metrics, name);
        time ??= TimeProvider.System;
        var category = typeof(ScionMqttClient).FullName + (name.Length == 0 ? "" : "." + name);
        _log = (loggers ?? NullLoggerFactory.Instance).CreateLogger(category);
        _dialer = new QuicDialer(settings.Dialing, settings.Servers.Select(s => s.Address), time, _log);
        Serializers = settings.Options.Serializers;
        _hub = new SubscriptionHub(settings, this, time);
        _statistics = new StatisticsFeed(
            settings.Options.StatisticsInterval, e => ClientLog.ObserverFailed(_log, e, nameof(Statistics)));
        _outbox = new Outbox(settings, this, time, _log, notify: () => _loop!.Current?.Notify());
        _session = new ClientSession(settings, _outbox, time);
        var connector = connect?.Invoke(new ClientParts(settings, _session, _hub, _outbox)) ?? new ClientConnector(
            settings, _dialer, _session, _hub, _outbox, _statistics, _log);
        Watch = new ConnectionWatch(_dialer.PathEvents, settings.Telemetry.Metrics, time);
        _loop = new ReconnectLoop(connector, settings, time, _log, OnState, OnLoopEnded, PrepareAsync);
        _requester = new Requester(this, settings, time, this, () => _loop.LastResult);
        ConnectionStates = _states.OnThreadPool(e => ClientLog.ObserverFailed(_log, e, nameof(ConnectionStates)));
        Paths = _dialer.PathEvents
            .OnThreadPool(e => ClientLog.ObserverFailed(_log, e, nameof(Paths)));
        DroppedMessages = _dropped.OnThreadPool(
            e => ClientLog.ObserverFailed(_log, e, nameof(DroppedMessages)),
            maxWaiting: MostWaitingReports + settings.Options.MaxPendingPublishes);
        settings.Telemetry.Metrics.Start(
            () => _outbox.Pending, () => _hub.Count, e => ClientLog.ListenerFailed(_log, e, e.Message));
    }

    /// <inheritdoc/>
    public IObservable<ConnectionState> ConnectionStates { get; }

    /// <inheritdoc/>
    public bool IsConnected => _loop.Current is not null;

    /// <inheritdoc/>
    public IObservable<PathEvent> Paths { get; }

    /// <inheritdoc/>
    public IObservable<ConnectionStatistics> Statistics => _statistics.Statistics;

    /// <inheritdoc/>
    public IObservable<MessageDropped> DroppedMessages { get; }

    /// <inheritdoc/>
    public MqttPayloadSerializers Serializers { get; }

    /// <summary>What a health check asks.</summary>
    internal ConnectionWatch Watch { get; }

    /// <summary>The server of the moment, or null.</summary>
    internal string? Server => _loop.Server;

    private bool IsDisposed => Volatile.Read(ref _disposed) != 0;

    /// <inheritdoc/>
    public async Task<MqttClientConnectResult> ConnectAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        return await _loop.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task DisconnectAsync(
        MqttDisconnectReasonCode reason = MqttDisconnectReasonCode.NormalDisconnection,
        CancellationToken cancellationToken = default)
    {
        await _loop.StopAsync(reason).WaitAsync(cancellationToken).ConfigureAwait(false);
        await _dialer.StopRefreshingAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask UsePathPolicyAsync(IPathPolicy policy, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        cancellationToken.ThrowIfCancellationRequested();
        _dialer.UsePathPolicy(policy);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<MqttClientPublishResult> PublishAsync(
        MqttApplicationMessage message,
        CancellationToken cancellationToken = default) => MqttTracing.IsListening
            ? PublishTracedAsync(message, cancellationToken)
            : PublishUntracedAsync(message, cancellationToken);

    /// <inheritdoc/>
    public ValueTask EnqueueAsync(MqttApplicationMessage message, CancellationToken cancellationToken = default) =>
        MqttTracing.IsListening
            ? EnqueueTracedAsync(message, cancellationToken)
            : EnqueueUntracedAsync(message, cancellationToken);

    private ValueTask<MqttClientPublishResult> PublishUntracedAsync(
        MqttApplicationMessage message, CancellationToken cancellationToken)
    {
        if ((FindFault(message) ?? FindWhyNotRunning()) is { } fault)
        {
            return ValueTask.FromException<MqttClientPublishResult>(fault);
        }
        var adding = _outbox.AddAsync(message, isAwaited: true, cancellationToken);
        return adding.IsCompletedSuccessfully
            ? Send(adding.Result, cancellationToken)
            : SendWhenAddedAsync(adding, cancellationToken);
    }

    private async ValueTask EnqueueUntracedAsync(MqttApplicationMessage message, CancellationToken cancellationToken)
    {
        if (FindFault(message) is { } fault)
        {
            throw fault;
        }
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        if (_settings.Options.OutboxStore is null
            || message.QualityOfServiceLevel == MqttQualityOfServiceLevel.AtMostOnce)
        {
            ThrowIfNotRunning();
        }
        var pending = await _outbox.AddAsync(message, isAwaited: false, cancellationToken).ConfigureAwait(false);
        _loop.Current?.Notify();
        await pending.Storing.ConfigureAwait(false);
        if (pending.Failure is { } failure)
        {
            ExceptionDispatchInfo.Throw(failure); // The store's own exception.
        }
    }

    /// <inheritdoc/>
    public async Task ReAuthenticateAsync(CancellationToken cancellationToken = default)
    {
        var authenticator = _settings.Options.Authenticator ?? throw new InvalidOperationException(
            "[MQTT-4.12.0-7] The options have no Authenticator, so the CONNECT named no Authentication Method.");
        ThrowIfNotRunning();
        var connection = _loop.Current ?? throw NotConnected();
        var data = await authenticator.BeginAsync(cancellationToken).ConfigureAwait(false);
        var end = await connection.ReAuthenticateAsync(data).WaitAsync(cancellationToken).ConfigureAwait(false);
        await authenticator.CompleteAsync(end.Data, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<MqttApplicationMessage> RequestAsync(
        MqttApplicationMessage request,
        TimeSpan? timeout = null,
        CancellationToken cancellationToken = default) =>
        _requester.RequestAsync(request, timeout, cancellationToken);

    /// <inheritdoc/>
    public IObservable<MqttRequest> Requests(MqttTopicFilter filter) =>
        Messages(filter).AsRequests(this, message =>
            ((IDropReporter)this).Report(filter.Topic, message, MessageDropReason.NoResponseTopic));

    /// <summary>Disconnects in order (bounded), completes every stream and fails what is pending.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            await _disposal.Task.ConfigureAwait(false);
            return;
        }
        try
        {
            await EndAsync().ConfigureAwait(false);
        }
        finally
        {
            _disposal.SetResult();
        }
    }

    /// <summary>Does what <see cref="DisposeAsync"/> does, and waits for it: for ten seconds at most.</summary>
    /// <remarks>For a container that is disposed of synchronously; elsewhere prefer <see cref="DisposeAsync"/>.
    /// </remarks>
    public void Dispose()
    {
        IAsyncResult disposing = DisposeAsync().AsTask(); // Nothing in it goes on where it was called.
        disposing.AsyncWaitHandle.WaitOne(_disposeTimeout);
    }

    void IDropReporter.Report(
        string? filter,
        MqttApplicationMessage message,
        MessageDropReason reason,
        Exception? error,
        MqttClientPublishResult? result)
    {
        if (error is not null)
        {
            ClientLog.ObserverFailed(_log, error, filter ?? message.Topic);
        }
        _settings.Telemetry.Metrics.OnDropped(reason);
        var count = Interlocked.Increment(ref _droppedCount);
        _dropped.OnNext(
            new MessageDropped(filter, message.Topic, message.QualityOfServiceLevel, reason, count, error)
            {
                Result = result,
            });
    }

    void IDropReporter.ReportFailure(string filter, Exception error)
    {
        if (error is MqttSubscribeRefusedException refused)
        {
            var code = refused.Result.Items[0].ResultCode;
            ClientLog.FilterRefused(_log, filter, code, (int)code);
            return;
        }
        ClientLog.ObserverFailed(_log, error, filter);
    }

    /// <summary>Connects, and tries until it succeeds: what a hosted service does at start. Throws what no attempt can
    /// mend.</summary>
    internal void ConnectPersistently() => _loop.StartPersistently();

    /// <summary>A host starts: what a session brings waits for services that are yet to start.</summary>
    internal void AwaitHost() => _hub.AwaitStart();

    /// <summary>The host has started.</summary>
    internal void OnHostStarted() => _hub.OnStarted();

    /// <summary>The host is about to stop its services: they go, and the server's session is to stay as it is.
    /// </summary>
    internal void OnHostStopping() => _hub.OnStopping();

    private async Task EndAsync()
    {
        await _loop.StopAsync(MqttDisconnectReasonCode.NormalDisconnection).ConfigureAwait(false);
        var over = new ObjectDisposedException(nameof(ScionMqttClient));
        _session.Fail(over);
        _outbox.Fail(over);
        _requester.Fail(over);
        try
        {
            await _outbox.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            _hub.Complete();
            _states.OnCompleted();
            _dropped.OnCompleted();
            _statistics.Dispose();
            Watch.Dispose();
            _settings.Telemetry.Metrics.Stop();
            await _dialer.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void OnState(ConnectionState state)
    {
        Watch.OnState(state);
        _states.OnNext(state);
    }

    private async ValueTask PrepareAsync(CancellationToken cancellationToken)
    {
        _outbox.Begin();
        await _outbox.OpenAsync(cancellationToken).ConfigureAwait(false);
        _session.Start();
    }

    private async ValueTask<MqttClientPublishResult> SendWhenAddedAsync(
        ValueTask<PendingPublish> adding, CancellationToken cancellationToken) =>
        await Send(await adding.ConfigureAwait(false), cancellationToken).ConfigureAwait(false);

    private ValueTask<MqttClientPublishResult> Send(PendingPublish pending, CancellationToken cancellationToken)
    {
        var result = pending.AsValueTask(cancellationToken);
        _loop.Current?.Notify();
        return result;
    }

    private void ThrowIfNotRunning()
    {
        if (FindWhyNotRunning() is { } reason)
        {
            throw reason;
        }
    }

    private Exception? FindWhyNotRunning() =>
        IsDisposed ? new ObjectDisposedException(nameof(ScionMqttClient))
        : _loop.IsRunning ? null
        : NotConnected();

    private MqttNotConnectedException NotConnected() =>
        new($"The client is not connected: {_loop.Cause.Message}", _loop.Cause);

    private void OnLoopEnded(Exception cause)
    {
        var error = new MqttNotConnectedException($"The connection has ended: {cause.Message}", cause);
        _session.Fail(error);
        _outbox.Fail(error);
        _requester.Fail(error);
        if (!IsDisposed)
        {
            _hub.OnConnectionOver(error); // Else all streams complete.
        }
    }

    // Before the first connection the server's limits are not known: then the publish alone fails, when it is sent.
    private ArgumentException? FindFault(MqttApplicationMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return MqttPublishRules.FindFault(message, _loop.LastResult) is { } fault
            ? new ArgumentException(fault.ReasonString, nameof(message))
            : null;
    }
}
