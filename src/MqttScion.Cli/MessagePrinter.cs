using MqttScion.Mqtt;

namespace MqttScion.Cli;

/// <summary>Prints messages, a line each, up to a count. Called on many threads.</summary>
internal sealed class MessagePrinter(TextWriter output, int? count)
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _printed;

    /// <summary>Succeeds when the count is reached, without a count never. Fails when the output does.</summary>
    public Task Done => _done.Task;

    /// <summary>Prints a message; nothing once the count is reached.</summary>
    public void Print(MqttApplicationMessage message)
    {
        var line = $"{TerminalText.Escape(message.Topic)} {TerminalText.OfPayload(message.Payload.Span)}";
        lock (_lock)
        {
            if (_printed == count || _done.Task.IsCompleted)
                return;
            try
            {
                output.WriteLine(line);
                output.Flush();
            }
            catch (IOException e)
            {
                // A closed pipe, as behind `head`: nobody reads any more.
                _done.TrySetException(e);
                return;
            }
            if (++_printed == count)
                _done.TrySetResult();
        }
    }
}
