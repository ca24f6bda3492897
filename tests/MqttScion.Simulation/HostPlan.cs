namespace MqttScion.Simulation;

/// <summary>How one host behaves.</summary>
internal sealed class HostPlan
{
    public QuicOptions Options { get; } = new();

    public int MaxSegments { get; set; } = 16;

    /// <summary>Room for a flight, in bytes.</summary>
    public int RoomBytes { get; set; } = 32 * 1024;

    /// <summary>How late timers fire.</summary>
    public TimeSpan TimerSlack { get; set; }

    /// <summary>Whether all datagrams that are there are taken before anything is sent.</summary>
    public bool TakesBatches { get; set; }

    /// <summary>How many bytes the reader takes at a time, waiting in between; zero for all at once.</summary>
    public int ReadBytes { get; set; }

    public TimeSpan ReadInterval { get; set; }

    /// <summary>How many bytes are given to a stream at a time.</summary>
    public int WriteBytes { get; set; } = 64 * 1024;

    public override string ToString() =>
        $"cc={Options.CongestionControl} idle={Options.IdleTimeout.TotalSeconds:0}s " +
        $"keepAlive={Options.KeepAliveInterval.TotalSeconds:0}s handshake={Options.HandshakeTimeout.TotalSeconds:0}s " +
        $"window={Options.ConnectionWindowBytes}/{Options.StreamWindowBytes} send={Options.SendBufferBytes} " +
        $"streams={Options.MaxBidirectionalStreams}/{Options.MaxUnidirectionalStreams} " +
        $"keys={Options.KeyUpdatePackets} mtu={Options.MaxProbedDatagramBytes} ecn={Options.EnableEcn} " +
        $"retry>{Options.RetryAboveHandshakes} datagrams={Options.MaxDatagramFrameBytes} segments={MaxSegments} " +
        $"room={RoomBytes} slack={TimerSlack.TotalMilliseconds:0}ms batches={TakesBatches} " +
        $"read={ReadBytes}/{ReadInterval.TotalMilliseconds:0}ms write={WriteBytes}";
}
