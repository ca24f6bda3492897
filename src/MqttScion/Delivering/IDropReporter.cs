using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>Counts and publishes dropped messages.</summary>
internal interface IDropReporter
{
    /// <summary>A message was not handed over.</summary>
    void Report(
        string? filter,
        MqttApplicationMessage message,
        MessageDropReason reason,
        Exception? error = null,
        MqttClientPublishResult? result = null);

    /// <summary>An observer threw, and no message was lost by it.</summary>
    void ReportFailure(string filter, Exception error);
}
