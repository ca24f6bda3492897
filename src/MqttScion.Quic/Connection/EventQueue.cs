namespace MqttScion.Quic;

/// <summary>
/// Events on their way to the owner. Bounded, because streams queue each kind at most once and paths are the owner's.
/// </summary>
internal sealed class EventQueue
{
    private readonly Queue<QuicEvent> _events = new();

    public void Add(in QuicEvent item) => _events.Enqueue(item);

    public bool TryTake(out QuicEvent item) => _events.TryDequeue(out item);
}
