namespace MqttScion.Udp;

/// <summary>What stands on a <see cref="SocketLoop"/> and owns its sockets.</summary>
/// <remarks>
/// Only the loop's thread calls the members. They must not block. What they throw is a defect, since nothing that a
/// peer sends may throw: it ends the loop.
/// </remarks>
public interface ISocketLoopOwner
{
    /// <summary>When <see cref="OnTimeout"/> must be called next, in the loop's time; null while it need not.</summary>
    TimeSpan? NextTimeout { get; }

    /// <summary>Takes one datagram, or one batch, that waits at a socket.</summary>
    /// <param name="socketIndex">The place of the socket among those of the loop.</param>
    /// <param name="now">The loop's time at the start of the turn.</param>
    /// <returns>False when nothing waits there, nor in a batch that was taken from it.</returns>
    bool Receive(int socketIndex, TimeSpan now);

    /// <summary>Does what is due by <see cref="NextTimeout"/>.</summary>
    /// <param name="now">The loop's time at the start of the turn.</param>
    void OnTimeout(TimeSpan now);

    /// <summary>Ends each turn, after what was posted, what arrived and what was due: sends what came of it.</summary>
    /// <param name="now">The loop's time at the start of the turn.</param>
    /// <returns>True when there is more to do: the loop does not wait.</returns>
    bool Flush(TimeSpan now);

    /// <summary>The loop has ended, this is its last call: closes the sockets.</summary>
    /// <param name="defect">What was thrown on the loop; null when it was stopped.</param>
    void OnEnded(Exception? defect);
}
