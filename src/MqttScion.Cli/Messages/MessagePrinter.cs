using System.Runtime.CompilerServices;
using MqttScion.Mqtt;

namespace MqttScion.Cli;

/// <summary>Prints messages, each once, up to a count. Called on many threads.</summary>
/// <param name="output">Where they go.</param>
/// <param name="format">How they look.</param>
/// <param name="isWanted">Which are printed; the others are passed over and do not count.</param>
/// <param name="count">After so many no more is printed; null for no end.</param>
/// <param name="comesTwice">Whether a message may come from several readers.</param>
/// <param name="onPrinted">Called after each.</param>
internal sealed class MessagePrinter(
    ResultOutput output,
    MessageFormat format,
    Func<MqttApplicationMessage, bool> isWanted,
    int? count,
    bool comesTwice,
    Action onPrinted)
{
    private readonly Lock _lock = new();

    // A message comes once for each filter of ours that it matches.
    private readonly ConditionalWeakTable<MqttApplicationMessage, MessagePrinter> _seen = [];
    private readonly TaskCompletionSource<int> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int? _end;

    /// <summary>How many were printed.</summary>
    public int Printed { get; private set; }

    /// <summary>Gives the exit code when the count is reached or nobody reads the output any more. Fails when the
    /// output does.</summary>
    public Task<int> Done => _done.Task;

    /// <summary>Prints a message; true when it is dealt with, and not only left unprinted after the end.</summary>
    public bool TryPrint(MqttApplicationMessage message)
    {
        lock (_lock)
        {
            if (comesTwice && _seen.TryGetValue(message, out _))
                return true;
            if (_end is not null || _done.Task.IsCompleted)
                return false;
            if (isWanted(message) && !Write(message))
                return false;
            if (comesTwice)
                _seen.Add(message, this);
            return true;
        }
    }

    /// <summary>To be called when a message that was dealt with is acknowledged: then the end may come.</summary>
    public void OnAcknowledged()
    {
        lock (_lock)
        {
            if (_end is { } code)
                _done.TrySetResult(code);
        }
    }

    /// <summary>Prints no more: what is not acknowledged by now can't be.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            _done.TrySetResult(ExitCode.Ok);
        }
    }

    private bool Write(MqttApplicationMessage message)
    {
        try
        {
            if (!output.TryWrite(format.Render(message, DateTimeOffset.UtcNow)))
            {
                _done.TrySetResult(ExitCode.OutputClosed);
                return false;
            }
        }
        catch (IOException e)
        {
            _done.TrySetException(e);
            return false;
        }
        if (++Printed == count)
            _end = ExitCode.Ok;
        onPrinted();
        return true;
    }
}
