namespace MqttScion.Quic;

/// <content>What simulations look at to judge the engine; nothing in the engine uses it.</content>
internal sealed partial class StreamTable
{
    public IReadOnlyCollection<QuicStream> All => _streams.Values;

    /// <summary>Bytes that the peer may have sent and nobody has read.</summary>
    public long UnreadBytes => _receivedBytes - _consumedBytes;

    public int QueuedCount =>
        _streams.Values.Count(static stream => stream.IsQueued) + _controls.Count + _blocked.Count;
}
