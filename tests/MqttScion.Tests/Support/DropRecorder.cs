using System.Collections.Concurrent;
using MqttScion.Mqtt;

namespace MqttScion.Tests.Support;

/// <summary>The reports of dropped messages, in words.</summary>
internal sealed class DropRecorder : IDropReporter
{
    public ConcurrentQueue<string> Reports { get; } = new();

    public ConcurrentQueue<Exception> Failures { get; } = new();

    public void Report(
        string? filter,
        MqttApplicationMessage message,
        MessageDropReason reason,
        Exception? error = null,
        MqttClientPublishResult? result = null) =>
        Reports.Enqueue($"{reason} {filter} {message.ConvertPayloadToString()}");

    public void ReportFailure(string filter, Exception error) => Failures.Enqueue(error);
}
