namespace MqttScion.Udp.Tests;

/// <summary>Work for a loop, as an action.</summary>
internal sealed class Work(Action run, Action<Exception?>? drop = null) : ILoopWork
{
    public void Run(TimeSpan now) => run();

    public void Drop(Exception? defect) => drop?.Invoke(defect);
}
