namespace MqttScion.Scion;

/// <summary>One option of an extension header.</summary>
public readonly ref struct ExtensionOption
{
    /// <summary>The type of one byte of padding; the only option without a length.</summary>
    public const byte Pad1 = 0;

    /// <summary>The type of two or more bytes of padding.</summary>
    public const byte PadN = 1;

    /// <summary>The type of the packet authenticator option (SPAO).</summary>
    public const byte Authenticator = 2;

    /// <summary>The most data of an option, in bytes.</summary>
    public const int MaxDataLength = byte.MaxValue;

    /// <summary>Type and length, the bytes before the data.</summary>
    internal const int HeaderLength = 2;

    internal ExtensionOption(byte type, int offset, ReadOnlySpan<byte> data)
    {
        Type = type;
        Offset = offset;
        Data = data;
    }

    /// <summary>The type.</summary>
    public byte Type { get; }

    /// <summary>The offset of the type from the start of the extension header, in bytes.</summary>
    public int Offset { get; }

    /// <summary>The data after the length; empty for <see cref="Pad1"/>.</summary>
    public ReadOnlySpan<byte> Data { get; }

    /// <summary>True for the two options that only fill.</summary>
    public bool IsPadding => Type is Pad1 or PadN;
}
