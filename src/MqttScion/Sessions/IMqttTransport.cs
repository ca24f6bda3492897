using System.Diagnostics.CodeAnalysis;
using MqttScion.Udp;

namespace MqttScion;

/// <summary>
/// What carries an <see cref="MqttApplication"/>: a connection on a loop, or anything else that gives it streams of
/// bytes.
/// </summary>
internal interface IMqttTransport
{
    /// <summary>Queues work on the loop; callable from any thread. False when the loop has ended.</summary>
    bool Post(ILoopWork work);

    /// <summary>Has <see cref="MqttApplication.Pump"/> called before the loop waits.</summary>
    void MarkDirty();

    /// <summary>Opens a bidirectional stream; false when the peer allows none.</summary>
    bool TryOpenStream([NotNullWhen(true)] out IMqttStream? stream);

    /// <summary>Closes the connection; the application is told when it is closed.</summary>
    void Close(TimeSpan now);
}
