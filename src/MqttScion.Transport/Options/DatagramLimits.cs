namespace MqttScion.Transport;

/// <summary>What is taken of unreliable datagrams (RFC 9221).</summary>
internal static class DatagramLimits
{
    /// <summary>The largest frame that is offered to take: more than a path of any kind in use carries.</summary>
    public const int MaxFrameBytes = 2048;

    /// <summary>The largest frame to offer.</summary>
    public static int FrameBytes(int maxWaiting) => maxWaiting == 0 ? 0 : MaxFrameBytes;
}
