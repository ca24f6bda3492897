namespace MqttScion;

/// <summary>A stream of this library that is told when an observer fails on a thread that is not the stream's own.
/// </summary>
internal interface IObserverFailures
{
    /// <summary>An observer threw.</summary>
    /// <param name="item">What it was given; null at the end of the stream.</param>
    /// <param name="error">What it threw.</param>
    void Report(object? item, Exception error);
}
