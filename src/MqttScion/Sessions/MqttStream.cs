using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>
/// One stream of MQTT packets: an engine, and the way of the bytes between it and the transport. The control stream of
/// a connection, or one of its data streams. Lives on the loop; the members that other threads may call say so.
/// </summary>
/// <param name="owner">The connection's application.</param>
/// <param name="session">The engine.</param>
/// <param name="hub">Where messages go.</param>
/// <param name="receiveMaximum">How many of QoS 1 and 2 the server may send before they are answered.</param>
/// <param name="publishes">The publishes that the engine has taken, by its token.</param>
/// <param name="deliveries">The QoS 1 and 2 messages that came and whose answer is not out, by packet identifier.
/// </param>
internal sealed partial class MqttStream(
    MqttApplication owner,
    MqttSession session,
    SubscriptionHub hub,
    int receiveMaximum,
    Dictionary<int, PendingPublish> publishes,
    Dictionary<ushort, Delivery> deliveries) : IDeliverySource
{
    // How much encoded output may wait for the stream before publishes are left in the outbox.
    private const int OutputBoundBytes = 256 * 1024;

    // What the engine takes before its events are looked at.
    private const int MaxReceivedBytes = 64 * 1024;

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
    public Dictionary<int, (string Filter, long Number)> Unsubscribes { get; } = [];

    /// <summary>SUBSCRIBEs and UNSUBSCRIBEs to be sent when the output has room for them.</summary>
    public Queue<Action<TimeSpan>> Requests { get; } = new();

    /// <summary>True when the peer has ended the stream, or will take no more of it.</summary>
    public bool IsEndedByPeer => Bytes!.IsReadFinished || Bytes.IsReset;

    /// <summary>True while a request, two packets at most, would be taken and sent.</summary>
    public bool CanRequest => session.CanSubscribe && session.OutputBytes < OutputBoundBytes;

    /// <summary>True while a publish would be taken and sent.</summary>
    /// <remarks>One that waits in the engine can't be dropped or expire in the outbox: no more go there than can be
    /// sent. Requests that wait for packet identifiers go first.</remarks>
    public bool CanPublish => session.CanPublish && session.OutputBytes < OutputBoundBytes
        && Requests.Count == 0 && session.WaitingCount == 0;

    /// <summary>Takes what has come, up to a bound, into the engine; false when there is nothing.</summary>
    public bool TryReceive(TimeSpan now)
    {
        if (!MayRead())
        {
            return false;
        }
        var bytes = Bytes!.Peek();
        bytes = bytes[..Math.Min(bytes.Length, MaxReceivedBytes)];
        if (!bytes.IsEmpty)
        {
            HasReceived = true;
            session.Receive(bytes, now); // Keeps copies only.
        }
        Bytes.Advance(bytes.Length);
        return !bytes.IsEmpty;
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
}
