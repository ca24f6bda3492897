namespace MqttScion.Tests.Memory;

/// <summary>Both directions of a stream as two buffers.</summary>
internal sealed class MemoryMqttStream : IMqttStream
{
    private const int RoomBytes = 1 << 20;

    /// <summary>From the client.</summary>
    public ByteBuffer Out { get; } = new(RoomBytes);

    /// <summary>To the client.</summary>
    public ByteBuffer In { get; } = new(RoomBytes);

    public bool IsReadable => In.Count > 0;

    public bool IsReadFinished => false;

    public bool IsReset => false;

    public bool IsEverythingAcknowledged => Out.Count == 0;

    public ReadOnlySpan<byte> Peek() => In.Written;

    public void Advance(int count) => In.Consume(count);

    /// <summary>True after a write that was not taken whole.</summary>
    public bool IsWriterWaiting { get; private set; }

    public int Write(ReadOnlySpan<byte> data)
    {
        var count = Out.Write(data);
        IsWriterWaiting = count < data.Length;
        return count;
    }

    public void Finish()
    {
    }

    public void Reset(ulong code)
    {
    }

    public void Prefer()
    {
    }
}
