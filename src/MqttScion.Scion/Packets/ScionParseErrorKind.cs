namespace MqttScion.Scion;

/// <summary>What is wrong with bytes that should have been a SCION packet.</summary>
public enum ScionParseErrorKind
{
    /// <summary>Nothing is wrong.</summary>
    None,

    /// <summary>The bytes end before the structure does.</summary>
    Truncated,

    /// <summary>The version is not 0.</summary>
    UnknownVersion,

    /// <summary>HdrLen is not the length of the addresses and the path.</summary>
    HeaderLength,

    /// <summary>PayloadLen is not the number of bytes after the header.</summary>
    PayloadLength,

    /// <summary>The path type is not one of those that can be read.</summary>
    UnknownPathType,

    /// <summary>The path does not have the length that its type or its meta header says.</summary>
    PathLength,

    /// <summary>A segment length of zero stands before one that is not zero.</summary>
    SegmentGap,

    /// <summary>The path has more hop fields than are allowed.</summary>
    TooManyHops,

    /// <summary>An extension header repeats or is out of order.</summary>
    ExtensionOrder,

    /// <summary>An option of an extension header does not fit in it.</summary>
    ExtensionOption,

    /// <summary>The UDP length is less than its header or more than what is there.</summary>
    UdpLength,
}
