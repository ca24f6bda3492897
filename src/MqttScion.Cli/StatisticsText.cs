using System.Globalization;

namespace MqttScion.Cli;

/// <summary>The statistics of a connection as a line.</summary>
internal static class StatisticsText
{
    /// <summary>Makes the line.</summary>
    public static string Of(ConnectionStatistics statistics)
    {
        var quic = statistics.Quic;
        var why = statistics.Cause switch
        {
            StatisticsCause.PathChanged => " (path changed)",
            StatisticsCause.KeysUpdated => " (keys updated)",
            StatisticsCause.Closed => " (closed)",
            _ => "",
        };
        return string.Create(
            CultureInfo.InvariantCulture,
            $"statistics{why}: round trip {Milliseconds(quic.SmoothedRtt)} ms (least {Milliseconds(quic.MinRtt)}), "
            + $"window {quic.CongestionWindow} B, in flight {quic.BytesInFlight} B, "
            + $"sent {quic.SentPackets} packets {quic.SentBytes} B, "
            + $"received {quic.ReceivedPackets} packets {quic.ReceivedBytes} B, lost {quic.LostPackets}, "
            + $"datagrams {quic.MaxDatagramBytes} B, key phase {quic.KeyUpdates % 2}");
    }

    private static string Milliseconds(TimeSpan span) =>
        span.TotalMilliseconds.ToString("0.0", CultureInfo.InvariantCulture);
}
