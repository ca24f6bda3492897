namespace MqttScion.Transport;

/// <summary>Work that runs once on a loop.</summary>
internal interface ILoopWork
{
    /// <summary>Runs on the loop's thread; must not block or call user code.</summary>
    void Run(TimeSpan now);
}
