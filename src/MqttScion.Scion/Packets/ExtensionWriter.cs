namespace MqttScion.Scion;

/// <summary>Writes one extension header: options at their alignment, and the padding that this takes.</summary>
/// <param name="destination">Room for the extension header; what is left of it stays as it is.</param>
public ref struct ExtensionWriter(Span<byte> destination)
{
    private const int Unit = 4;

    private readonly Span<byte> _destination = destination[..Math.Min(destination.Length, ScionExtensions.MaxLength)];
    private int _length = ScionExtensions.HeaderLength;

    /// <summary>Adds an option.</summary>
    /// <param name="type">The type, which is not one of the two of padding.</param>
    /// <param name="data">The data; at most <see cref="ExtensionOption.MaxDataLength"/> bytes.</param>
    /// <param name="alignment">The option starts at a multiple of this, at least 1, …</param>
    /// <param name="remainder">… plus this, counted in bytes from the start of the extension header.</param>
    /// <returns>False when it does not fit; nothing is written then.</returns>
    public bool TryAdd(byte type, scoped ReadOnlySpan<byte> data, int alignment = 1, int remainder = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(type, ExtensionOption.PadN);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(data.Length, ExtensionOption.MaxDataLength);
        ArgumentOutOfRangeException.ThrowIfLessThan(alignment, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(remainder);
        var padding = (remainder % alignment - _length % alignment + alignment) % alignment;
        if (_length + padding + ExtensionOption.HeaderLength + data.Length > _destination.Length)
            return false;
        Pad(padding);
        _destination[_length] = type;
        _destination[_length + 1] = (byte)data.Length;
        data.CopyTo(_destination[(_length + ExtensionOption.HeaderLength)..]);
        _length += ExtensionOption.HeaderLength + data.Length;
        return true;
    }

    /// <summary>Fills up to a multiple of 4 bytes and writes the header's first two bytes.</summary>
    /// <param name="nextHeader">What follows the extension.</param>
    /// <param name="length">The length of the extension header in bytes.</param>
    /// <returns>False when the padding does not fit.</returns>
    public bool TryFinish(L4Protocol nextHeader, out int length)
    {
        length = (_length + Unit - 1) / Unit * Unit;
        if (length > _destination.Length)
            return false;
        Pad(length - _length);
        _destination[0] = (byte)nextHeader;
        _destination[1] = (byte)(length / Unit - 1);
        return true;
    }

    private void Pad(int count)
    {
        _destination.Slice(_length, count).Clear();
        if (count > 1)
        {
            _destination[_length] = ExtensionOption.PadN;
            _destination[_length + 1] = (byte)(count - ExtensionOption.HeaderLength);
        }
        _length += count;
    }
}
