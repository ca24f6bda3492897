namespace MqttScion.Quic;

/// <summary>Why a packet was dropped.</summary>
internal enum QlogDrop : byte
{
    /// <summary>The header is no QUIC packet's, or its datagram can't hold such a packet.</summary>
    Invalid,

    /// <summary>Its connection ids are not those of the connection.</summary>
    UnexpectedId,

    /// <summary>The keys have not come yet, or are gone.</summary>
    KeysUnavailable,

    /// <summary>It is not authentic.</summary>
    NotAuthentic,

    /// <summary>It came before.</summary>
    Duplicate,

    /// <summary>Nothing of its type is expected now.</summary>
    Unexpected,
}
