using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>Reports messages that the client received and did not hand over, or took and did not deliver.</summary>
/// <param name="Filter">The topic filter of the subscription, or null when none matched.</param>
/// <param name="Topic">The topic of the message.</param>
/// <param name="QualityOfServiceLevel">The quality of service with which it came.</param>
/// <param name="Reason">Why it was not handed over.</param>
/// <param name="TotalCount">How many messages this client has dropped so far, this one included.</param>
/// <param name="Error">What the observer or the serializer threw, or null.</param>
public sealed record MessageDropped(
    string? Filter,
    string Topic,
    MqttQualityOfServiceLevel QualityOfServiceLevel,
    MessageDropReason Reason,
    long TotalCount,
    Exception? Error = null)
{
    /// <summary>Of a publish of ours: how it ended; else null.</summary>
    public MqttClientPublishResult? Result { get; init; }

    /// <summary>All of it on one line, of the error its kind and message only.</summary>
    public override string ToString()
    {
        var text = $"{nameof(MessageDropped)} {{ Reason = {Reason}, Topic = {Topic}, Filter = {Filter}, "
            + $"QualityOfServiceLevel = {QualityOfServiceLevel}, TotalCount = {TotalCount}";
        text += Error is null ? "" : $", Error = {Error.GetType().Name}: {Error.Message}";
        text += Result is null ? "" : $", Result = {Result.ReasonCode}: {Result.ReasonString}";
        return text.ReplaceLineEndings(" ") + " }";
    }
}
