namespace MqttScion;

/// <summary>A stream of bytes in both directions; used on its loop only.</summary>
internal interface IMqttStream
{
    /// <summary>True once the peer's last byte was read.</summary>
    bool IsReadFinished { get; }

    /// <summary>True once the peer has abandoned its side, or takes no more of ours.</summary>
    bool IsReset { get; }

    /// <summary>True once the peer has everything that was written, and our end of the stream.</summary>
    bool IsEverythingAcknowledged { get; }

    /// <summary>What has come, as far as it lies in one piece; good until <see cref="Advance"/>.</summary>
    ReadOnlySpan<byte> Peek();

    /// <summary>Takes what was peeked at; zero where there is nothing takes the end of the stream.</summary>
    void Advance(int count);

    /// <summary>
    /// Takes as many bytes as there is room for and returns how many; when fewer than given,
    /// <see cref="MqttApplication.Pump"/> is called once there is room again.
    /// </summary>
    int Write(ReadOnlySpan<byte> data);

    /// <summary>Ends our side after what was written.</summary>
    void Finish();

    /// <summary>Abandons both sides; what the other side has not got is lost.</summary>
    void Reset(ulong code);

    /// <summary>Has the stream go before all others.</summary>
    void Prefer();
}
