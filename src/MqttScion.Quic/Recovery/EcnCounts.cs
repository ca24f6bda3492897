namespace MqttScion.Quic;

/// <summary>The ECN counts of one space: what we marked, and what the peer says that it saw.</summary>
internal struct EcnCounts
{
    /// <summary>How many packets were sent with ECT(0).</summary>
    public long Sent;

    private long _ect0;
    private long _congested;

    /// <summary>
    /// Takes the counts of an ACK frame that newly acknowledges a number of marked packets (RFC 9000 §13.4.2.1). False
    /// when they can't be right; else gives by how many the congestion marks grew.
    /// </summary>
    public bool TryTake(in Frame frame, int markedCount, out long congestedGrowth)
    {
        congestedGrowth = 0;
        if (frame.Type != FrameType.AckEcn)
            return markedCount == 0;
        var (ect0, congested) = ((long)frame.Ect0, (long)frame.Congested);
        var growth = ect0 - _ect0 + congested - _congested;
        // ECT(1) is never sent, so nobody can have seen it.
        if (ect0 < _ect0 || congested < _congested || frame.Ect1 != 0 || growth < markedCount ||
            ect0 + congested > Sent)
            return false;
        congestedGrowth = congested - _congested;
        (_ect0, _congested) = (ect0, congested);
        return true;
    }
}
