namespace MqttScion.Scion;

/// <summary>The options of an extension header that has been read; for <c>foreach</c>, padding included.</summary>
public ref struct ExtensionOptions
{
    private readonly ReadOnlySpan<byte> _extension;
    private int _next;

    // The packet's reader has checked that the options fill the extension exactly.
    internal ExtensionOptions(ReadOnlySpan<byte> extension)
    {
        _extension = extension;
        _next = ScionExtensions.HeaderLength;
    }

    /// <summary>The option that <see cref="MoveNext"/> came to.</summary>
    public ExtensionOption Current { get; private set; }

    /// <summary>The options from the first one on.</summary>
    public readonly ExtensionOptions GetEnumerator() => new(_extension);

    /// <summary>Goes to the next option; false after the last.</summary>
    public bool MoveNext()
    {
        if (_next >= _extension.Length)
            return false;
        var (offset, type) = (_next, _extension[_next]);
        var data = type == ExtensionOption.Pad1
            ? default
            : _extension.Slice(offset + ExtensionOption.HeaderLength, _extension[offset + 1]);
        Current = new ExtensionOption(type, offset, data);
        _next += type == ExtensionOption.Pad1 ? 1 : ExtensionOption.HeaderLength + data.Length;
        return true;
    }
}
