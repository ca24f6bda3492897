namespace MqttScion.Udp;

/// <summary>What can stand in a <see cref="TimerHeap{T}"/>, one at a time.</summary>
public interface ITimerHeapItem
{
    /// <summary>The heap's own: the place in it; negative, and so at first, when not in one.</summary>
    int TimerIndex { get; set; }
}
