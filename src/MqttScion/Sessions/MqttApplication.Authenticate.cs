using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>Enhanced authentication: the user's handler runs on the thread pool, its answers come back to the loop.
/// </summary>
internal sealed partial class MqttApplication
{
    private TaskCompletionSource<MqttAuthentication>? _reAuthentication;
    private bool _mayUse;

    /// <summary>Sends AUTH to authenticate anew. Callable from any thread.</summary>
    /// <returns>What the server ended the exchange with.</returns>
    public Task<MqttAuthentication> ReAuthenticateAsync(byte[]? data)
    {
        var completion = new TaskCompletionSource<MqttAuthentication>(
            TaskCreationOptions.RunContinuationsAsynchronously);
        Post(now =>
        {
            try
            {
                if (_hasEnded || !_control.Session.ReAuthenticate(data, now))
                {
                    completion.TrySetException(new MqttNotConnectedException(
                        "The client is not connected, or authenticates already."));
                    return;
                }
                _reAuthentication = completion;
            }
            catch (ArgumentException e)
            {
                completion.TrySetException(e); // The data is larger than the server takes.
            }
        });
        return completion.Task;
    }

    private void OnConnected(MqttClientConnectResult result)
    {
        var isKnown = _state.OnConnected(_server, result);
        if (_authenticator is null)
        {
            Enter(result, isKnown);
            return;
        }
        _ = RunHandlerAsync(
            async () => await _authenticator.CompleteAsync(result.AuthenticationData, default).ConfigureAwait(false),
            _ => Enter(result, isKnown));
    }

    private void Enter(MqttClientConnectResult result, bool isKnown)
    {
        _mayUse = true;
        _isSessionOfOther = result.IsSessionPresent && !isKnown;
        OpenDataStreams();
        _enteringThread = Environment.CurrentManagedThreadId;
        _hub.OnConnected(this, result.IsSessionPresent, isKnown);
        _enteringThread = 0;
        _connected.TrySetResult(result);
    }

    private void AnswerChallenge(MqttAuthentication challenge)
    {
        byte[]? answer = null;
        _ = RunHandlerAsync(
            async () => answer = await _authenticator!.ContinueAsync(challenge, default).ConfigureAwait(false),
            now => _control.Session.ContinueAuthentication(answer, now));
    }

    private void FinishReAuthentication(MqttAuthentication end)
    {
        _reAuthentication?.TrySetResult(end);
        _reAuthentication = null;
    }

    private void FailReAuthentication(Exception? cause)
    {
        _reAuthentication?.TrySetException(
            cause ?? new MqttNotConnectedException("The client was disconnected while it authenticated."));
        _reAuthentication = null;
    }

    private async Task RunHandlerAsync(Func<Task> handle, Action<TimeSpan> then)
    {
        Exception? error = null;
        try
        {
            await Task.Run(handle).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            error = e; // User code: it may throw anything; it is the reason why the connection ends.
        }
        Post(now =>
        {
            if (_hasEnded || _disconnectReason is not null)
            {
                return;
            }
            if (error is null)
            {
                then(now);
                return;
            }
            Fail(new MqttAuthenticationException(_authenticator!.Method, error), now);
            _control.Session.Disconnect(MqttDisconnectReasonCode.NotAuthorized, now);
        });
    }
}
