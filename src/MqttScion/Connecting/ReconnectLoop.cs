using Microsoft.Extensions.Logging;
using MqttScion.Mqtt;
using Polly;

namespace MqttScion;

/// <summary>
/// Keeps a client connected: one task that waits for the connection to end and runs the failover pipeline until there
/// is another. <c>Idle → Connecting → Running → Idle</c>.
/// </summary>
internal sealed class ReconnectLoop : IDisposable
{
    private readonly Lock _gate = new();
    private readonly IClientConnector _connector;
    private readonly ClientSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Action<ConnectionState> _publish;
    private readonly Action<Exception> _onEnded;
    private readonly Func<CancellationToken, ValueTask> _prepare;
    private readonly ResiliencePipeline _pipeline;
    private CancellationTokenSource? _stop;
    private TaskCompletionSource _over = new();
    private TaskCompletionSource<MqttClientConnectResult> _first = new();
    private LossRun _losses;
    private ClientConnection? _connection;
    private Exception _cause = new MqttNotConnectedException("Never connected.");
    private MqttDisconnectReasonCode _reason;
    private bool _wasConnected;
    private bool _isStarted;
    private bool _isEnding;

    public ReconnectLoop(
        IClientConnector connector,
        ClientSettings settings,
        TimeProvider time,
        ILogger log,
        Action<ConnectionState> publish,
        Action<Exception> onEnded,
        Func<CancellationToken, ValueTask> prepare)
    {
        _prepare = prepare;
        _connector = connector;
        _settings = settings;
        _time = time;
        _log = log;
        _publish = publish;
        _onEnded = onEnded;
        _losses = new LossRun(settings);
        _pipeline = FailoverPipeline.Build(settings, time, OnRetry);
    }

    /// <summary>The connection of the moment, or null.</summary>
    public MqttApplication? Current => Volatile.Read(ref _connection)?.Application;

    /// <summary>The server of that connection, or null.</summary>
    public string? Server => Volatile.Read(ref _connection)?.Server.ToString();

    /// <summary>What the last server that accepted said; null before.</summary>
    public MqttClientConnectResult? LastResult { get; private set; }

    /// <summary>
    /// True from a successful connect to the end, lost connections in between included; with <see
    /// cref="StartPersistently"/> from there on. Whoever is told of a connection finds it true.
    /// </summary>
    public bool IsRunning => Volatile.Read(ref _stop) is not null
        && Volatile.Read(ref _isStarted) && !Volatile.Read(ref _isEnding);

    /// <summary>Why it last ended.</summary>
    public Exception Cause => _cause;

    /// <summary>
    /// Makes the first connection, once or until it succeeds as the options say; afterwards the loop keeps it.
    /// </summary>
    public async Task<MqttClientConnectResult> StartAsync(CancellationToken cancellationToken)
    {
        await WhenNotEnding().WaitAsync(cancellationToken).ConfigureAwait(false);
        if (_settings.Options.RetryFirstConnect)
        {
            return await StartUntilConnectedAsync(cancellationToken).ConfigureAwait(false);
        }
        var stop = Claim();
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stop.Token);
        try
        {
            _publish(new ConnectionState.Connecting(Attempt: 1));
            await _prepare(linked.Token).ConfigureAwait(false);
            var connection = await _connector.ConnectAsync(linked.Token).ConfigureAwait(false);
            Enter(connection);
            Launch(connection, stop);
            return connection.Result;
        }
        catch (Exception e)
        {
            End(e);
            throw;
        }
    }

    /// <summary>
    /// Like <see cref="StartAsync"/>, but the first connection too is tried until it succeeds. Throws when there is
    /// nothing to wait for, because this machine or the client's files let nobody connect.
    /// </summary>
    public void StartPersistently()
    {
        _connector.Check();
        var stop = Claim();
        _publish(new ConnectionState.Connecting(Attempt: 1));
        Launch(null, stop);
    }

    /// <summary>Disconnects in order and ends, a first connect that is under way too. Does nothing when idle.
    /// </summary>
    /// <remarks>The connection is told by the token: one that comes up at this moment is ended too.</remarks>
    public async Task StopAsync(MqttDisconnectReasonCode reason)
    {
        CancellationTokenSource? stop;
        Task over;
        lock (_gate)
        {
            (stop, over) = (_stop, _over.Task);
            _reason = stop is { IsCancellationRequested: false } ? reason : _reason;
        }
        if (stop is null)
        {
            return;
        }
        await stop.CancelAsync().ConfigureAwait(false);
        await over.ConfigureAwait(false);
    }

    /// <summary>Frees what is left after <see cref="StopAsync"/>.</summary>
    public void Dispose() => _stop?.Dispose();

    // Whoever is told of the end may connect at once: what belonged to the old connection is to be over by then.
    private Task WhenNotEnding()
    {
        lock (_gate)
        {
            return _isEnding ? _over.Task : Task.CompletedTask;
        }
    }

    private async Task<MqttClientConnectResult> StartUntilConnectedAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        StartPersistently();
        try
        {
            return await _first.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await StopAsync(MqttDisconnectReasonCode.NormalDisconnection).ConfigureAwait(false);
            throw;
        }
    }

    private CancellationTokenSource Claim()
    {
        lock (_gate)
        {
            if (_stop is not null)
            {
                throw new InvalidOperationException("The client is connected or connecting already.");
            }
            _over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _first = new TaskCompletionSource<MqttClientConnectResult>(
                TaskCreationOptions.RunContinuationsAsynchronously);
            (_losses, _wasConnected, _isStarted) = (new LossRun(_settings), false, false);
            return _stop = new CancellationTokenSource();
        }
    }

    // The loop outlives the call: it takes neither the call's span nor what else its context holds along.
    private void Launch(ClientConnection? connection, CancellationTokenSource stop)
    {
        Volatile.Write(ref _isStarted, true);
        using var flow = ExecutionContext.SuppressFlow();
        _ = RunAsync(connection, stop); // Never fails: its end is told by End.
    }

    private async Task RunAsync(ClientConnection? connection, CancellationTokenSource stop)
    {
        Exception? cause = null;
        try
        {
            if (connection is null)
            {
                await _prepare(stop.Token).ConfigureAwait(false);
            }
            while (true)
            {
                if (connection is not null)
                {
                    cause = await LiveAsync(connection, stop).ConfigureAwait(false);
                    if (cause is null || FailoverPipeline.IsFinal(cause, _settings))
                    {
                        break;
                    }
                }
                connection = await ConnectAsync(stop.Token).ConfigureAwait(false);
                Enter(connection);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            cause = null;
        }
        catch (Exception e)
        {
            // What the pipeline gives up on: reported as the reason of the Disconnected state.
            cause = e;
        }
        if (cause is not null)
        {
            ClientLog.GaveUp(_log, ErrorText.Sentence(cause), ConnectFailures.AdviceFor(cause));
        }
        End(cause);
    }

    /// <summary>Waits for the end of a connection, and before the next attempt; null when nobody wants one.</summary>
    private async Task<Exception?> LiveAsync(ClientConnection connection, CancellationTokenSource stop)
    {
        var connectedAt = _time.GetTimestamp();
        Exception? cause;
        using (stop.Token.UnsafeRegister(Disconnect, connection.Application))
        {
            cause = await connection.Application.Ended.ConfigureAwait(false);
        }
        Volatile.Write(ref _connection, null);
        await connection.DisposeAsync().ConfigureAwait(false);
        var lived = _time.GetElapsedTime(connectedAt);
        ClientLog.ConnectionClosed(
            _log, connection.Server, lived.TotalSeconds, cause is null ? "in order." : ErrorText.Sentence(cause));
        if (cause is null || stop.IsCancellationRequested)
        {
            return null;
        }
        _connector.Learn(connection, cause);
        if (!FailoverPipeline.IsFinal(cause, _settings))
        {
            var delay = _losses.OnLost(cause, lived, connection.Application.HasAcknowledged);
            Tell(cause, delay, connection);
            await Task.Delay(delay, _time, stop.Token).ConfigureAwait(false);
        }
        return cause;
    }

    // A session that starts clean each time is of no use to anybody once its user has disconnected.
    private void Disconnect(object? application) => ((MqttApplication)application!).Disconnect(
        _reason,
        endsSession: _settings.Options.CleanStart && _reason == MqttDisconnectReasonCode.NormalDisconnection);

    private async Task<ClientConnection> ConnectAsync(CancellationToken cancellationToken) =>
        await _pipeline.ExecuteAsync(
            async token =>
            {
                ClientLog.AttemptStarted(_log, _losses.Attempt);
                return await _connector.ConnectAsync(token).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);

    private void OnRetry(Exception cause, TimeSpan delay)
    {
        _losses.OnFailed(cause);
        Tell(cause, delay, lost: null);
    }

    private void Tell(Exception cause, TimeSpan delay, ClientConnection? lost)
    {
        var (text, seconds, attempt) = (ErrorText.Sentence(cause), delay.TotalSeconds, _losses.Attempt);
        if (ConnectFailures.IsRefusal(cause))
        {
            ClientLog.Refused(
                _log, lost?.Server ?? _connector.LastTried, text, ConnectFailures.AdviceFor(cause), attempt, seconds);
        }
        else if (_losses.SameCauseCount > 1 && ConnectFailures.IsBrokenRule(cause))
        {
            var advice = lost is { Result.IsSessionPresent: true } ? ClientLog.StartCleanAdvice : "";
            ClientLog.SameFault(_log, _losses.SameCauseCount, text, attempt, seconds, advice);
        }
        else if (lost is not null)
        {
            ClientLog.Reconnecting(_log, text, attempt, seconds);
        }
        else
        {
            ClientLog.ConnectFailed(_log, text, attempt, seconds);
        }
        _publish(_wasConnected
            ? new ConnectionState.Reconnecting(attempt, delay, cause) { SameCauseCount = _losses.SameCauseCount }
            : new ConnectionState.Connecting(attempt) { Delay = delay, Cause = cause });
    }

    private void Enter(ClientConnection connection)
    {
        LastResult = connection.Result;
        _wasConnected = true;
        Volatile.Write(ref _isStarted, true);
        Volatile.Write(ref _connection, connection);
        connection.Application.Notify(); // Of publishes that came before anybody could tell it.
        _publish(new ConnectionState.Connected(connection.Path, connection.Result.IsSessionPresent)
        {
            DataStreams = connection.Application.DataStreamCount,
        });
        _first.TrySetResult(connection.Result);
    }

    private void End(Exception? cause)
    {
        _cause = cause ?? new MqttNotConnectedException("The client was disconnected.");
        TaskCompletionSource over;
        lock (_gate)
        {
            over = _over;
            _isEnding = true;
        }
        _onEnded(_cause);
        _publish(new ConnectionState.Disconnected(cause));
        _first.TrySetException(_cause);
        _ = _first.Task.Exception; // Seen: nobody waits for it unless the first connect is to be retried.
        lock (_gate)
        {
            (_stop, _isEnding) = (null, false);
        }
        over.SetResult();
    }
}
