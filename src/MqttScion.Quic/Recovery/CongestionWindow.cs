namespace MqttScion.Quic;

/// <summary>What all congestion controllers share: first and least window, and whether one is used.</summary>
internal static class CongestionWindow
{
    private const int InitialPackets = 10;
    private const int InitialBytes = 14720;
    private const int MinPackets = 2;
    private const int BurstPackets = 3;

    /// <summary>RFC 9002 §7.2.</summary>
    public static int First(int maxDatagramBytes) =>
        Math.Min(InitialPackets * maxDatagramBytes, Math.Max(InitialBytes, MinPackets * maxDatagramBytes));

    public static int Least(int maxDatagramBytes) => MinPackets * maxDatagramBytes;

    /// <summary>
    /// RFC 9002 §7.8: a window that is not used for want of data does not grow. In slow start half of it counts as
    /// used, because the other half may just have been acknowledged.
    /// </summary>
    public static bool IsUsed(ICongestionController controller, in AckContext context)
    {
        if (!context.IsAppLimited)
            return true;
        return controller.IsInSlowStart
            ? context.InFlightBytes >= controller.WindowBytes / 2
            : context.InFlightBytes + BurstPackets * controller.MaxDatagramBytes >= controller.WindowBytes;
    }
}
