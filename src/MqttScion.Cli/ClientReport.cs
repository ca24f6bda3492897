using System.Globalization;
using System.Reactive.Disposables;
using MqttScion.Scion;

namespace MqttScion.Cli;

/// <summary>Tells on the standard error what happens to a client, and knows when it has ended by itself.</summary>
internal sealed class ClientReport : IDisposable
{
    private readonly CompositeDisposable _subscriptions = [];
    private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TextWriter _error;
    private readonly RepeatedFaults _faults;
    private readonly bool _tellsConnects;
    private Exception? _told;

    /// <summary>Begins to report.</summary>
    public ClientReport(
        IScionMqttClient client,
        TextWriter error,
        RepeatedFaults faults,
        bool tellsConnects,
        bool tellsPaths,
        bool tellsStatistics)
    {
        _error = error;
        _faults = faults;
        _tellsConnects = tellsConnects;
        _subscriptions.Add(client.ConnectionStates.Subscribe(OnState, Fail));
        _subscriptions.Add(client.DroppedMessages.Subscribe(
            dropped => Tell($"dropped a message to '{dropped.Topic}': {dropped.Reason}, {dropped.TotalCount} so far"),
            Fail));
        if (tellsPaths)
            _subscriptions.Add(client.Paths.Subscribe(OnPath, Fail));
        if (tellsStatistics)
            _subscriptions.Add(client.Statistics.Subscribe(each => Tell(StatisticsText.Of(each)), Fail));
    }

    /// <summary>
    /// Fails with the cause when the client ends by itself or <see cref="Fail"/> is called; never succeeds.
    /// </summary>
    public Task Failed => _failed.Task;

    /// <summary>Fails <see cref="Failed"/>.</summary>
    public void Fail(Exception cause) => _failed.TrySetException(cause);

    /// <summary>Something was achieved: what went wrong before does not count any more.</summary>
    public void OnProgress() => _faults.Reset();

    /// <summary>Writes one line.</summary>
    public void Tell(string line) => _error.WriteLine(TerminalText.Escape(line));

    /// <summary>Stops the reports.</summary>
    public void Dispose() => _subscriptions.Dispose();

    private void OnState(ConnectionState state)
    {
        switch (state)
        {
            case ConnectionState.Connected connected when _tellsConnects:
                Tell(connected.Path is { } path ? $"connected over {path}" : "connected over plain IP");
                break;
            case ConnectionState.Reconnecting again when !ReferenceEquals(again.Cause, _told):
                OnLoss(again);
                break;
            case ConnectionState.Disconnected { Reason: { } reason }:
                Fail(reason);
                break;
        }
    }

    // The client tells of the same loss before its pause and after it: once is enough.
    private void OnLoss(ConnectionState.Reconnecting again)
    {
        _told = again.Cause;
        var what = again.Attempt == 1 ? "connection lost" : "no connection";
        var delay = again.Delay.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
        Tell($"{what}, attempt {again.Attempt} in {delay} s: {FaultText.Of(again.Cause)}");
        if (_faults.Add(again.Cause) is { } text)
            Fail(new CommandException(text, again.Cause));
    }

    private void OnPath(PathEvent pathEvent) => Tell(pathEvent switch
    {
        PathEvent.Selected selected => $"path selected ({selected.Why}): {selected.Path}",
        PathEvent.Degraded degraded =>
            $"path degraded (round trip {degraded.Rtt.TotalMilliseconds:0} ms): {degraded.Path}",
        PathEvent.Narrowed narrowed => $"path carries {narrowed.Mtu} bytes at most: {narrowed.Path}",
        PathEvent.Down down => $"path down ({down.Why}): {down.Path}",
        PathEvent.Expired expired => $"path expired: {expired.Path}",
        PathEvent.Lost lost => $"path lost: {lost.Path}",
        PathEvent.Unanswered none => $"{none.Why} over {none.Path}",
        PathEvent.Forbidden forbidden => $"path no longer allowed by the policy: {forbidden.Path}",
        _ => $"path found: {pathEvent.Path}",
    });
}
