namespace MqttScion.Tests.Memory;

/// <summary>A bounded buffer of bytes that never allocates.</summary>
internal sealed class ByteBuffer(int maxBytes)
{
    private readonly byte[] _bytes = new byte[maxBytes];
    private int _start;
    private int _end;

    public int Count => _end - _start;

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(_start, Count);

    public int RoomBytes => maxBytes - Count;

    public int Write(ReadOnlySpan<byte> data)
    {
        var count = Math.Min(data.Length, RoomBytes);
        if (_end + count > maxBytes)
        {
            Written.CopyTo(_bytes);
            (_start, _end) = (0, Count);
        }
        data[..count].CopyTo(_bytes.AsSpan(_end));
        _end += count;
        return count;
    }

    public int Read(Span<byte> destination)
    {
        var count = Math.Min(destination.Length, Count);
        Written[..count].CopyTo(destination);
        Consume(count);
        return count;
    }

    public void Consume(int count)
    {
        _start += count;
        if (_start == _end)
        {
            _start = _end = 0;
        }
    }
}
