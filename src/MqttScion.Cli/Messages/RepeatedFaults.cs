using MqttScion.Mqtt;

namespace MqttScion.Cli;

/// <summary>Counts how often the broker ended a connection in the same way, without progress in between.</summary>
/// <param name="most">After so many it is no use to go on.</param>
/// <param name="advice">What is to be known, or to be done, then.</param>
internal sealed class RepeatedFaults(int most, string advice)
{
    private readonly Lock _lock = new();
    private string? _kind;
    private int _count;

    /// <summary>Takes the cause of a lost connection; gives the text of the end when there were enough equal ones.
    /// </summary>
    public string? Add(Exception cause)
    {
        if (cause is not MqttSessionEndedException ended || !IsSaidByTheBroker(ended.End))
            return null;
        // Numbers apart, which may be those of packets and streams.
        var kind = $"{ended.End.Cause} {ended.ReasonCode} "
            + string.Concat(ended.Message.Where(c => !char.IsAsciiDigit(c)));
        lock (_lock)
        {
            (_kind, _count) = (kind, kind == _kind ? _count + 1 : 1);
            if (_count < most)
                return null;
        }
        var what = ended.End.Cause == MqttSessionEndCause.DisconnectedByServer
            ? "ended the connection"
            : "broke the protocol";
        return $"The broker {what} {most} times in the same way, which is given up: {ended.Message} {advice}";
    }

    /// <summary>Something was achieved: the count begins anew.</summary>
    public void Reset()
    {
        lock (_lock)
        {
            (_kind, _count) = (null, 0);
        }
    }

    private static bool IsSaidByTheBroker(MqttSessionEnd end) => end.Cause switch
    {
        MqttSessionEndCause.MalformedPacket or MqttSessionEndCause.ProtocolError => true,
        // What a broker says of itself passes; what it says of our packets comes again with them.
        MqttSessionEndCause.DisconnectedByServer => end.ReasonCode is not (
            MqttDisconnectReasonCode.ServerBusy
            or MqttDisconnectReasonCode.ServerShuttingDown
            or MqttDisconnectReasonCode.AdministrativeAction
            or MqttDisconnectReasonCode.MaximumConnectTime
            or MqttDisconnectReasonCode.ConnectionRateExceeded
            or MqttDisconnectReasonCode.MessageRateTooHigh
            or MqttDisconnectReasonCode.KeepAliveTimeout
            or MqttDisconnectReasonCode.UseAnotherServer
            or MqttDisconnectReasonCode.ServerMoved
            or MqttDisconnectReasonCode.NormalDisconnection),
        _ => false,
    };
}
