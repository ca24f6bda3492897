namespace MqttScion.Proxy.Tests.Support;

/// <summary>The system's clock, which a test can put forward. Timers that run already are not moved.</summary>
public sealed class SteppedTime : TimeProvider
{
    private long _steppedTicks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Stepped;

    public override long GetTimestamp() => System.GetElapsedTime(0).Ticks + Stepped.Ticks;

    public void Step(TimeSpan by) => Interlocked.Add(ref _steppedTicks, by.Ticks);

    private TimeSpan Stepped => new(Interlocked.Read(ref _steppedTicks));
}
