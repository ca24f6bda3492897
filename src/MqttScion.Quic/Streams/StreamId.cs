namespace MqttScion.Quic;

/// <summary>The two low bits of a stream id (RFC 9000 §2.1).</summary>
internal static class StreamId
{
    private const long ServerInitiated = 1;
    private const long Unidirectional = 2;

    public static bool IsBidirectional(long id) => (id & Unidirectional) == 0;

    public static bool IsLocal(long id, bool isServer) => ((id & ServerInitiated) != 0) == isServer;

    /// <summary>The id of a stream by its index among those of the same initiator and direction.</summary>
    public static long Create(long index, bool isServer, bool isBidirectional) =>
        (index << 2) | (isServer ? ServerInitiated : 0) | (isBidirectional ? 0 : Unidirectional);

    public static long Index(long id) => id >> 2;
}
