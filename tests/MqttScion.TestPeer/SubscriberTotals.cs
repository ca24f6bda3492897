namespace MqttScion.TestPeer;

/// <summary>The subscriber is done: every message is accounted for, or it was told to stop.</summary>
/// <param name="Received">How many messages its observer got.</param>
/// <param name="ReceivedBytes">How many bytes of payload those were.</param>
/// <param name="Damaged">How many of them were not as sent.</param>
/// <param name="OutOfOrder">How many of them had no higher number than one before.</param>
/// <param name="DroppedTotal">The latest TotalCount of the client's dropped messages.</param>
/// <param name="DroppedReports">How many drops were reported.</param>
/// <param name="DroppedByFullQueue">How many of the reports gave QueueFull as the reason.</param>
/// <param name="Failure">The error that ended the messages, or null.</param>
/// <param name="Duration">The time from the first message to the end.</param>
/// <param name="PeakResidentBytes">The most memory the process ever had resident.</param>
public sealed record SubscriberTotals(
    long Received,
    long ReceivedBytes,
    long Damaged,
    long OutOfOrder,
    long DroppedTotal,
    long DroppedReports,
    long DroppedByFullQueue,
    string? Failure,
    TimeSpan Duration,
    long PeakResidentBytes);
