using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>
/// One stream of MQTT packets: an engine, and the way of the bytes between it and the transport. The control stream of
/// a connection, or one of its data streams. Lives on the loop; the members that other threads may call say so.
/// </summary>
internal sealed class MqttStream(
    MqttApplication owner, MqttSession session, Dictionary<int, PendingPublish> publishes)
{
    // How much encoded output may wait for the stream before publishes are left in the outbox.
    private const int OutputBoundBytes = 256 * 1024;

    public MqttSession Session => session;

    /// <summary>The transport's side; null before the handshake is done.</summary>
    public IMqttStream? Bytes { get; set; }

    public bool IsControl => !session.IsDataStream;

    /// <summary>True once the peer has answered anything.</summary>
    public bool HasReceived { get; private set; }

    /// <summary>The publishes that the engine has taken, by its token.</summary>
    public Dictionary<int, PendingPublish> Publishes => publishes;

    /// <summary>The subscribes under way, by the engine's token.</summary>
    public Dictionary<int, StreamSubscribe> Subscribes { get; } = [];

    /// <summary>The unsubscribes under way, by the engine's token.</summary>
    public Dictionary<int, string> Unsubscribes { get; } = [];

    /// <summary>SUBSCRIBEs and UNSUBSCRIBEs to be sent when the output has room for them.</summary>
    public Queue<Action<TimeSpan>> Requests { get; } = new();

    /// <summary>True when the peer has ended the stream, or will take no more of it.</summary>
    public bool IsEndedByPeer => Bytes!.IsReadFinished || Bytes.IsReset;

    /// <summary>True while a request would be taken and sent.</summary>
    public bool HasRoom =>
        session.State is MqttSessionState.Connected && session.OutputBytes < OutputBoundBytes;

    /// <summary>True while a publish would be taken and sent.</summary>
    /// <remarks>One that waits in the engine can't be dropped or expire in the outbox: no more go there than can be
    /// sent.</remarks>
    public bool CanPublish => HasRoom && session.CanPublish && session.WaitingCount == 0;

    /// <summary>Takes what has come, up to a buffer, into the engine; false when there is nothing.</summary>
    /// <remarks>A server that ignores our Receive Maximum is held back by flow control; one that keeps it never gets
    /// there, and its answers to our own packets are never left unread.</remarks>
    public bool TryReceive(byte[] buffer, TimeSpan now)
    {
        int count;
        if (session.IsOverReceiveMaximum || (count = Bytes!.Read(buffer)) == 0)
        {
            return false;
        }
        HasReceived = true;
        session.Receive(buffer.AsSpan(0, count), now);
        return true;
    }

    /// <summary>Moves output to the transport; false when there is none, or no room for it.</summary>
    public bool TrySend()
    {
        int count;
        if (session.OutputBytes == 0 || (count = Bytes!.Write(session.PendingOutput)) == 0)
        {
            return false;
        }
        session.ConsumeOutput(count);
        return true;
    }

    /// <summary>Acknowledges a message of this stream. Callable from any thread.</summary>
    public void Acknowledge(ushort packetId, MqttClientPublishReasonCode reason) =>
        owner.Acknowledge(this, packetId, reason);
}
