using System.Diagnostics;
using System.Threading.Channels;
using MqttScion.Tests.Support;

namespace MqttScion.Tests.Diagnostics;

/// <summary>
/// Collects the client's spans of one trace, and those of filters with its name, so that it leaves other tests alone.
/// </summary>
internal sealed class SpanRecorder : IDisposable
{
    private readonly Channel<Activity> _ended = Channel.CreateUnbounded<Activity>();
    private readonly ActivityListener _listener;

    public SpanRecorder(string topic)
    {
        Root = new Activity("test").Start();
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == MqttTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                options.Parent.TraceId == Root.TraceId || options.Name.Contains(topic, StringComparison.Ordinal)
                    ? ActivitySamplingResult.AllDataAndRecorded
                    : ActivitySamplingResult.None,
            ActivityStopped = activity => _ended.Writer.TryWrite(activity),
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public Activity Root { get; }

    public Task<Activity> NextAsync() => _ended.Reader.NextAsync();

    public void Dispose()
    {
        _listener.Dispose();
        Root.Dispose();
    }
}
