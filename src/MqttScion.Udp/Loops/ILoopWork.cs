namespace MqttScion.Udp;

/// <summary>Work that runs once on a <see cref="SocketLoop"/>.</summary>
public interface ILoopWork
{
    /// <summary>Runs on the loop's thread; must not block, and what it throws ends the loop.</summary>
    /// <param name="now">The loop's time.</param>
    void Run(TimeSpan now);

    /// <summary>The loop ended before the work was run, which now it won't be. Called by any thread.</summary>
    /// <param name="defect">What ended the loop; null when it was stopped.</param>
    void Drop(Exception? defect)
    {
    }
}
